// La Coop's routes over HTTP; POST does what its people do, with its own code
import { createServer, type IncomingMessage } from 'node:http'
import { createApiClient } from '@app/web/api-client/apiClient'
import { GET as activites } from '@app/web/app/api/v1/activites/route'
import { GET as structures } from '@app/web/app/api/v1/structures/route'
import { GET as utilisateurs } from '@app/web/app/api/v1/utilisateurs/route'
import { buildAccompagnementsWorksheet } from '@app/web/features/activites/use-cases/list/export/buildAccompagnementsWorksheet'
import { mergeStructure } from '@app/web/features/structures/use-cases/merge/mutations/mergeStructure'
import { deleteUser } from '@app/web/features/utilisateurs/use-cases/delete/deleteUser'
import { prismaClient } from '@app/web/prismaClient'
import { NextRequest } from 'next/server'

type Given = Record<string, any>
const tables = prismaClient as unknown as Given
const routes: Given = { activites, structures, utilisateurs }

const asDate = (key: string, value: unknown) =>
  ['date', 'creation', 'modification'].includes(key) && typeof value === 'string'
    ? new Date(value)
    : value

const acts: Given = {
  key: async () => {
    const scopes = ['Activites', 'Structures', 'Utilisateurs'] as never
    const { id, secret } = await createApiClient({ name: 'impact', scopes })
    return `${id}:${secret}`
  },
  make: ({ table, data }: Given) => tables[table].create({ data }),
  change: ({ table, id, data }: Given) => tables[table].update({ where: { id }, data }),
  merge: ({ from, into }: Given) => mergeStructure(from, into),
  close: ({ id, email }: Given) => deleteUser(id, email),
  export: async ({ input }: Given) => {
    const workbook = buildAccompagnementsWorksheet(input as never, true)
    return Buffer.from(await workbook.xlsx.writeBuffer()).toString('base64')
  },
}

const body = async (asked: IncomingMessage) => {
  let text = ''
  for await (const part of asked) text += part
  return JSON.parse(text, asDate)
}

createServer(async (asked, answer) => {
  const url = new URL(asked.url ?? '/', `http://localhost:${process.env.PORT}`)
  if (asked.method === 'POST') {
    const [name, given] = await body(asked)
    answer.end(JSON.stringify((await acts[name](given)) ?? null))
    return
  }
  const route = routes[url.pathname.replace('/api/v1/', '')]
  const told = await route(new NextRequest(url, { headers: asked.headers as never }))
  answer.writeHead(told.status, Object.fromEntries(told.headers))
  answer.end(await told.text())
}).listen(Number(process.env.PORT), 'localhost', () => console.log('ready'))
