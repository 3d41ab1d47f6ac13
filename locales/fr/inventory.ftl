unit-piece = Pièce
unit-box = Boîte
unit-kg = Kilogramme
unit-g = Gramme
unit-l = Litre
unit-ml = Millilitre
unit-m = Mètre
unit-bag = Sac
measure-piece = { NUMBER($n) }{"\u00A0"}{ NUMBER($n) ->
    [one] pièce
   *[other] pièces
  }
measure-box = { NUMBER($n) }{"\u00A0"}{ NUMBER($n) ->
    [one] boîte
   *[other] boîtes
  }
measure-kg = { NUMBER($n) }{"\u00A0"}kg
measure-g = { NUMBER($n) }{"\u00A0"}g
measure-l = { NUMBER($n) }{"\u00A0"}l
measure-ml = { NUMBER($n) }{"\u00A0"}ml
measure-m = { NUMBER($n) }{"\u00A0"}m
measure-bag = { NUMBER($n) }{"\u00A0"}{ NUMBER($n) ->
    [one] sac
   *[other] sacs
  }
warehouse-main = Entrepôt principal
name-taken = Ce nom est déjà pris.
code-taken = Ce code est déjà pris.
sku-taken = Un produit porte déjà cette référence.
list-full = Cette liste est pleine : { NUMBER($most) } lignes au plus.
product-unknown = Ce produit n'existe pas.
product-archived = Ce produit est archivé. Réactivez-le d'abord.
category-unknown = Cette catégorie n'existe pas.
supplier-unknown = Ce fournisseur n'existe pas.
unit-unknown = Cette unité n'existe pas.
warehouse-unknown = Cet entrepôt n'existe pas.
movement-unknown = Ce mouvement n'existe pas.
movement-is-reverse = Ce mouvement est déjà une annulation. Enregistrez plutôt un nouveau mouvement.
movement-already-reversed = Ce mouvement a déjà été annulé.
lead-time-range = Le délai va de 0 à 3650 jours.
amount-invalid = Montant invalide en { $currency } : un nombre positif, sans plus de décimales que la monnaie n'en a.
amount-negative = Un montant ne peut pas être négatif.
quantity-invalid = Quantité invalide : un nombre d'au plus trois décimales, jusqu'à un milliard.
quantity-negative = La quantité ne peut pas être négative.
quantity-zero = La quantité ne peut pas être nulle.
quantity-too-fine = Trop de décimales : l'unité de ce produit en admet { $decimals }.
ordered-only-for-sales = La quantité commandée ne se donne que pour une vente.
ordered-below-delivered = La quantité commandée ne peut pas être inférieure à la quantité livrée.
unit-too-coarse = Des mouvements déjà enregistrés ont plus de décimales que cette unité n'en admet.
unit-too-coarse-for-thresholds = Le seuil de commande ou le stock de sécurité a plus de décimales que cette unité n'en admet.
date-in-future = Cette date est dans le futur.
date-too-old = Cette date est trop ancienne : le 1er janvier 1970 au plus tôt.
stock-insufficient = Stock insuffisant : il reste { NUMBER($available) }.
stock-beyond-bound = Trop pour un entrepôt : le stock d'un produit y va jusqu'à cent milliards d'unités, dans un sens comme dans l'autre. Vérifiez la quantité.
stock-negative = Le stock est maintenant négatif : { NUMBER($available) }. Vérifiez par un comptage.
transfer-same-warehouse = Choisissez deux entrepôts différents.
idempotency-mismatch = Cette clé d'idempotence a déjà servi pour une autre demande.
kind-is-transfer = Un transfert s'enregistre avec stockTransferRecord.
