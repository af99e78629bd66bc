// the library is CommonJS, and its import in La Coop goes through a bundler
import Excel from './node_modules/exceljs/lib/exceljs.nodejs.js'

export const Workbook = Excel.Workbook
