audit-export-header = instant, acteur, nom, adhésion, acte, issue, type de l'objet, objet, changements, opération, requête, adresse, programme, identifiant
