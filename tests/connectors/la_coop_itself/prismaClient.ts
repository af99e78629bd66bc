// as La Coop's own, without its engine
import { timestampExtension } from '@app/web/prisma/timestampExtension'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'

const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL })
export const prismaClient = new PrismaClient({ adapter }).$extends(timestampExtension)
