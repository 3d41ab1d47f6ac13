alert-unknown = Cette alerte n'existe pas.
alert-pending = Cette alerte n'est pas encore déclenchée : il n'y a rien à traiter.
alert-resolved = Cette alerte est déjà terminée.
too-many-ids = Trop d'éléments à la fois : { NUMBER($most) } au plus.
snooze-range = Choisissez une date à venir, dans un an au plus.
snooze-one-of = Choisissez soit une date, soit « jusqu'au réapprovisionnement », pas les deux.
rule-unknown = Cette règle n'existe pas.
rule-threshold-of-low-stock = Seule une règle de stock bas a un seuil.
rule-percent = Un pourcentage de 0 à 1000, avec deux décimales au plus.
rule-product-or-category = Choisissez un produit ou une catégorie, pas les deux.
rule-recipients-too-many = 100 destinataires au plus : choisissez plutôt un rôle.
rule-channels-none = Choisissez au moins un canal : l'application, l'e-mail ou WhatsApp.
rule-minutes = Un nombre de minutes, de 0 à un an.
rule-repeat = 0 pour une seule fois, sinon un nombre de minutes, de 15 à un an.
rule-number = Ce nombre est hors des limites : de 1 à { NUMBER($most) }.
rule-only-service-level = Ce champ ne concerne que les règles de taux de service.
rule-service-level-unsupported = Cette définition ne peut pas se calculer à partir du stock. Choisissez LINE_FILL_RATE ou UNIT_FILL_RATE.
rule-service-level-everywhere = Un taux de service se mesure tous entrepôts confondus.
rule-target = L'objectif est un nombre entre 0,0001 et 1, par exemple 0.90.
member-unknown = Ce membre n'existe pas.
role-unknown = Ce rôle n'existe pas.
explain-stock-out = Rupture de stock : { $subject }, disponible : { $available }, constatée le { $since }.
explain-stock-out-over = { $subject } était en rupture de stock depuis le { $since } ; disponible à la fin : { $available }.
explain-low-stock = Stock bas : { $subject }, disponible : { $available } pour un seuil de { NUMBER($threshold) }, constaté le { $since }.
explain-low-stock-over = { $subject } était en stock bas depuis le { $since } ; disponible à la fin : { $available }.
explain-fill-rate = Taux de service en baisse : { $subject }, { $definition ->
    [LINE_FILL_RATE] { NUMBER($served) } lignes sur { NUMBER($asked) } servies en entier en { NUMBER($days) } jours, soit { NUMBER($ratio) } %
    [UNIT_FILL_RATE] { NUMBER($served) } unités livrées sur { NUMBER($asked) } commandées en { NUMBER($days) } jours, soit { NUMBER($ratio) } %
   *[other] { NUMBER($ratio) } %
  } pour un objectif de { NUMBER($target) } %, constaté le { $since }.
explain-fill-rate-over = { $subject } était sous son objectif de taux de service de { NUMBER($target) } % depuis le { $since } ; à la fin : { $definition ->
    [LINE_FILL_RATE] { NUMBER($served) } lignes sur { NUMBER($asked) } servies en entier en { NUMBER($days) } jours
    [UNIT_FILL_RATE] { NUMBER($served) } unités livrées sur { NUMBER($asked) } commandées en { NUMBER($days) } jours
   *[other] { NUMBER($ratio) } %
  }.
explain-cover = Au rythme { NUMBER($pace) ->
    [one] du dernier jour
   *[other] des { NUMBER($pace) } derniers jours
  }, cela couvre environ { NUMBER($days) } { NUMBER($days) ->
    [one] jour
   *[other] jours
  }.
explain-muted = Elle se tait tant que la rupture du même produit est ouverte.
explain-pending = Elle se déclenchera si cela dure.
explain-cleared = Rentré dans l'ordre le { $at }.
explain-rule-removed = Terminée le { $at } : plus aucune règle ne la surveille.
explain-product-archived = Terminée le { $at } : le produit est archivé.
stock-alert-item-below-zero = { $product } ({ $available })
stock-alert-item-low-stock = { $product } ({ $available }, seuil { NUMBER($threshold) })
stock-alert-item-service-level-drop = { $product } ({ NUMBER($share) }{"\u00A0"}%)
stock-alert-stock-out-title = { NUMBER($count) ->
    [one] Rupture de stock{ $where } : { $names }
   *[other] { NUMBER($count) } ruptures de stock{ $where }
  }
stock-alert-stock-out-body = Plus rien de disponible : { $names }.{ NUMBER($more) ->
    [0] {""}
    [one] {" "}Et { NUMBER($more) } autre produit.
   *[other] {" "}Et { NUMBER($more) } autres produits.
  }{ NUMBER($still) ->
    [0] {""}
    [one] {" "}Et { NUMBER($still) } produit toujours en rupture.
   *[other] {" "}Et { NUMBER($still) } produits toujours en rupture.
  }
stock-alert-low-stock-title = { NUMBER($count) ->
    [one] Stock bas{ $where } : { $names }
   *[other] { NUMBER($count) } stocks bas{ $where }
  }
stock-alert-low-stock-body = À réapprovisionner : { $names }.{ NUMBER($more) ->
    [0] {""}
    [one] {" "}Et { NUMBER($more) } autre produit.
   *[other] {" "}Et { NUMBER($more) } autres produits.
  }{ NUMBER($still) ->
    [0] {""}
    [one] {" "}Et { NUMBER($still) } produit toujours bas.
   *[other] {" "}Et { NUMBER($still) } produits toujours bas.
  }
stock-alert-service-level-drop-title = { NUMBER($count) ->
    [one] Taux de service en baisse : { $names }
   *[other] Taux de service en baisse pour { NUMBER($count) } produits
  }
stock-alert-service-level-drop-body = Trop de commandes servies en partie : { $names }.{ NUMBER($more) ->
    [0] {""}
    [one] {" "}Et { NUMBER($more) } autre produit.
   *[other] {" "}Et { NUMBER($more) } autres produits.
  }{ NUMBER($still) ->
    [0] {""}
    [one] {" "}Et { NUMBER($still) } produit toujours sous l'objectif.
   *[other] {" "}Et { NUMBER($still) } produits toujours sous l'objectif.
  }
stock-alert-digest-title = { NUMBER($count) } produits viennent de passer en alerte
stock-alert-digest-body = Ruptures : { NUMBER($outs) }. Stocks bas : { NUMBER($lows) }. Taux de service en baisse : { NUMBER($drops) }. Les plus urgents : { $names }.
stock-alert-over-title = Retour à la normale{ $where } : { $kind ->
    [STOCK_OUT] plus aucune rupture de stock
    [LOW_STOCK] plus aucun stock bas
   *[SERVICE_LEVEL_DROP] plus aucun taux de service en baisse
  }
stock-alert-over-body = De nouveau en ordre : { $names }.{ NUMBER($more) ->
    [0] {""}
    [one] {" "}Et { NUMBER($more) } autre produit.
   *[other] {" "}Et { NUMBER($more) } autres produits.
  }
