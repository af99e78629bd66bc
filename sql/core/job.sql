/*
grain = "one row per job: contracts and self-employment; service civique, internships and volunteering are not jobs; a contract counts on the days for which its source speaks"
kept = true
key = "place_id"
only.contract_type = [
    "CDI", "CDD", "INTERIM", "APPRENTISSAGE", "PROFESSIONNALISATION", "PEC", "CIE", "CDDI",
    "FONCTIONNAIRE", "CONTRACTUEL_PUBLIC", "INDEPENDANT", "DIRIGEANT",
]
*/
SELECT c.*
FROM core.contract AS c
WHERE c.contract_type NOT IN ('SERVICE_CIVIQUE', 'STAGE', 'BENEVOLE')
