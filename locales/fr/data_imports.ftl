import-unknown = Cette importation n'existe pas.
import-over = Cette importation est terminée : elle ne s'annule plus.
import-one-source = Donnez soit un fichier, soit un contenu, et un seul des deux.
import-file-unknown = Ce fichier n'existe pas, ou n'est pas un fichier à importer.
import-empty = Le fichier est vide.
import-only-header = Le fichier n'a que sa ligne d'en-tête : il n'y a rien à importer.
import-utf16 = Le fichier est en UTF-16. Enregistrez-le en CSV UTF-8.
import-encoding-mixed = À partir de cette ligne, le fichier mélange UTF-8 et un autre codage. Enregistrez-le en CSV UTF-8.
import-encoding-unknown = Ce texte n'est ni en UTF-8 ni en Windows-1252. Enregistrez le fichier en CSV UTF-8.
import-line-ends = Les fins de ligne ne sont pas celles d'un CSV. Enregistrez le fichier en CSV UTF-8.
import-nul = Cette ligne contient des octets nuls : ce n'est pas du texte.
import-gzip-broken = L'archive gzip est abîmée ou incomplète. Envoyez le fichier à nouveau.
import-too-large = Une fois décompressé, le fichier est trop gros : { $most } au plus. Partagez-le en plusieurs fichiers.
import-record-too-large = Une ligne dépasse un mégaoctet : un guillemet n'a sans doute pas été fermé.
import-quote-open = Un guillemet ouvert à la ligne { $line } n'a pas été fermé ; corrigez-le, puis recommencez.
import-quote-astray = Un guillemet ouvert à la ligne { $line } n'a été fermé que plus bas, et il n'y a pas le bon nombre de cellules ; corrigez-le, puis recommencez.
import-blank-lines = Le fichier a plus d'un mégaoctet de lignes vides à la suite. Supprimez-les, puis envoyez-le à nouveau.
import-header-too-large = L'en-tête a plus de 1000 colonnes, ou un nom de plus de 200 caractères.
import-too-many-rows = Le fichier a plus de { $most } lignes. Partagez-le en plusieurs fichiers.
import-rehearsal-too-large = Un essai ne peut pas retenir tout ce que ce fichier ajouterait. Partagez le fichier, ou importez-le sans essai.
import-header-changed = L'en-tête du fichier n'a plus les colonnes choisies au départ.
import-gave-up = L'importation s'est arrêtée ici par notre faute. Relancez-la : ce qui est fait ne sera pas refait.
import-field-twice = Deux colonnes ne peuvent pas remplir le même champ.
import-field-of-movements = Ce champ n'existe que pour les mouvements.
import-needs-sku = Indiquez la colonne de la référence du produit (SKU).
import-needs-quantity = Indiquez la colonne de la quantité.
import-needs-kind = Indiquez la colonne du type de mouvement, ou des règles qui le décident.
import-rules-of-movements = Les règles ne valent que pour les mouvements.
import-rule-kind-or-skip = Une règle donne un type de mouvement, ou écarte la ligne : l'un des deux.
import-rule-values = Une liste de valeurs en a de 1 à 1000.
import-rules-values = Toutes règles ensemble, { NUMBER($most) } valeurs au plus.
import-column-missing = Le fichier n'a pas de colonne « { $column } ».
import-column-twice = Le fichier a plusieurs colonnes « { $column } ».
import-kind-transfer = Un transfert touche deux entrepôts : enregistrez-le comme transfert.
import-kind-undecided = Aucune règle ni aucun type ne dit quel est ce mouvement.
import-kind-unknown = Type de mouvement inconnu. Écrivez RECEIPT, SALE, CUSTOMER_RETURN, SUPPLIER_RETURN, ADJUSTMENT, WRITE_OFF ou COUNT (réception, vente, retour client, retour fournisseur, ajustement, perte, inventaire).
import-row-ragged = Cette ligne a { NUMBER($found) ->
    [one] { NUMBER($found) } cellule
   *[other] { NUMBER($found) } cellules
  } ; l'en-tête en a { NUMBER($expected) }.
import-cell-formula = Cette cellule contient une formule de tableur.
import-cell-too-long = Cette cellule est trop longue : { NUMBER($most) } octets au plus. Raccourcissez-la.
import-number-invalid = Ce n'est pas un nombre.
import-number-ambiguous = Nombre ambigu : milliers ou décimales ? Écrivez 1234 ou 1.234.
import-quantity-missing = La quantité manque.
import-date-missing = La date manque.
import-date-invalid = Date illisible. Écrivez 2024-12-31, 2024-12-31T08:30 ou 31/12/2024 08:30.
import-date-skipped = Cette heure n'existe pas : ce jour-là, l'horloge l'a sautée.
import-name-missing = Un nouveau produit a besoin d'un nom.
import-sku-unknown = Aucun produit ne porte la référence « { $sku } ». Créez-le d'abord, ou relancez l'importation avec createMissing.
import-warehouse-unknown = Aucun entrepôt n'a le nom ou le code « { $name } ». Créez-le d'abord, ou relancez l'importation avec createMissing.
import-category-unknown = Aucune catégorie ne s'appelle « { $name } ». Créez-la d'abord, ou relancez l'importation avec createMissing.
import-supplier-unknown = Aucun fournisseur ne s'appelle « { $name } ». Créez-le d'abord, ou relancez l'importation avec createMissing.
import-unit-unknown = Aucune unité n'a le code « { $name } ».
import-completed-title = { $kind ->
    [PRODUCTS] Produits importés
   *[STOCK_MOVEMENTS] Mouvements de stock importés
  }
import-completed-body = { NUMBER($applied) ->
    [one] { NUMBER($applied) } ligne importée
   *[other] { NUMBER($applied) } lignes importées
  }{ NUMBER($skipped) ->
    [0] {""}
    [one] {", "}{ NUMBER($skipped) } laissée de côté
   *[other] {", "}{ NUMBER($skipped) } laissées de côté
  }{ NUMBER($failed) ->
    [0] {""}
    [one] {", "}{ NUMBER($failed) } refusée
   *[other] {", "}{ NUMBER($failed) } refusées
  }.
import-rehearsed-title = Essai d'importation terminé
import-rehearsed-body = Rien n'a été écrit. L'importation prendrait { NUMBER($applied) } lignes, en laisserait { NUMBER($skipped) } de côté et en refuserait { NUMBER($failed) }.
import-failed-title = Importation arrêtée
import-failed-body = L'importation n'a pas pu aller jusqu'au bout : sa dernière erreur dit pourquoi. Lignes importées avant l'arrêt : { NUMBER($applied) }.
import-cancelled-title = Importation annulée
import-cancelled-body = Quelqu'un a annulé votre importation. Lignes importées avant cela, et conservées : { NUMBER($applied) }.
import-undo-not-over = Cette importation n'est pas terminée : attendez sa fin, ou arrêtez-la d'abord.
import-undo-dry-run = Un essai n'écrit rien : il n'y a rien à annuler.
import-undo-products = Une importation de produits ne s'annule pas. Corrigez les produits par une autre importation.
import-undo-nothing = Rien de cette importation ne peut être annulé : elle n'a enregistré aucun mouvement, ou date d'avant que ce soit possible.
import-undo-reason = Importation annulée
import-undone-title = Mouvements importés annulés
import-undone-body = { NUMBER($undone) ->
    [0] Aucun mouvement annulé
    [one] { NUMBER($undone) } mouvement annulé
   *[other] { NUMBER($undone) } mouvements annulés
  }{ NUMBER($stay) ->
    [0] {""}
    [one] {", "}{ NUMBER($stay) } conservé : sans lui, le stock passerait sous zéro ou dépasserait ce qu'un entrepôt peut tenir
   *[other] {", "}{ NUMBER($stay) } conservés : sans eux, le stock passerait sous zéro ou dépasserait ce qu'un entrepôt peut tenir
  }.
import-undo-failed-title = Annulation d'une importation arrêtée
import-undo-failed-body = L'annulation s'est arrêtée par notre faute. Mouvements annulés avant l'arrêt : { NUMBER($undone) }. Redemandez-la : elle reprendra le reste.
