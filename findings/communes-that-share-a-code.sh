#!/bin/sh
# One code, two communes: who joins places to the list of communes by INSEE code doubles some of them.
#
# @etalab/decoupage-administratif is the list of French communes in npm. One thinks that `code` is its key.
# The list holds delegated and associated communes beside those of today, and a new commune mostly has the
# code of one of its parts: 14654 is Saint-Pierre-en-Auge and Saint-Pierre-sur-Dives. Hundreds of codes
# stand there twice, once with people and postal codes, once without. The living one always comes first, so
# that a dictionary made by code, which keeps the last, has the part each time.
#
# It matters to whoever adds places, visits or people by commune: a join counts the place twice, and a
# dictionary gives a part that has no people, no postal code and another name. Keep those of `type`
# commune-actuelle first.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" @etalab/decoupage-administratif@6.0.0 >/dev/null
cat >"$folder/ask.js" <<'JS'
const all = require('@etalab/decoupage-administratif/data/communes.json');
const byCode = new Map();
for (const one of all) byCode.set(one.code, [...(byCode.get(one.code) || []), one]);
const twice = [...byCode.values()].filter(same => same.length > 1);
const living = one => one.type === 'commune-actuelle';
const lastDead = twice.filter(same => !living(same[same.length - 1])).length;
const keyOfToday = new Set(all.filter(living).map(one => one.code)).size === all.filter(living).length;
console.log('decoupage-administratif', require('@etalab/decoupage-administratif/package.json').version);
console.log('lines', all.length, '- codes', byCode.size, '- twice', twice.length);
const said = one => `${one.nom} (${one.type}, ${one.population})`;
console.log('14654:', byCode.get('14654').map(said).join(' / '));
console.log('a lookup that keeps the last one finds a part:', lastDead, '- the first:',
  twice.filter(same => !living(same[0])).length);
console.log('of today alone, a code is a key:', keyOfToday);
const isSo = twice.length > 100 && keyOfToday && byCode.get('14654').length === 2;
console.log(isSo ? 'so it is' : 'it is another way now');
process.exit(isSo ? 0 : 1);
JS
node "$folder/ask.js"
