alert-unknown = Artu bii amul.
alert-pending = Artu bii tàmbaleegul: amul lu ñu ciy def.
alert-resolved = Artu bii jeex na ba noppi.
too-many-ids = Dañoo bari benn yoon: { NUMBER($most) } rekk.
snooze-range = Tànnal bis bu ñëwagul, bu weesul at.
snooze-one-of = Tànnal benn bis walla « ba stok bi dellusi », du ñaar yépp.
rule-unknown = Sàrt bii amul.
rule-threshold-of-low-stock = Sàrtu stok bu néew rekk moo am dayo.
rule-percent = Benn téeméer, 0 ba 1000, ak ñaari desimaal rekk.
rule-product-or-category = Tànnal njariñ walla xeet, du ñaar yépp.
rule-recipients-too-many = 100 nit rekk: tànnal wàll bi ñu yor.
rule-channels-none = Tànnal benn yoon lu mu néew néew: app bi, e-mail walla WhatsApp.
rule-minutes = Limu simili, 0 ba at.
rule-repeat = 0 ngir benn yoon rekk, walla limu simili, 15 ba at.
rule-number = Lim bii génn na dig yi : 1 ba { NUMBER($most) }.
rule-only-service-level = Lii sàrti serwiis rekk a ko soxla.
rule-service-level-unsupported = Mënuñu natt lii ci li nekk ci dencukaay bi. Tànnal LINE_FILL_RATE walla UNIT_FILL_RATE.
rule-service-level-everywhere = Serwiis, ci dencukaay yépp lañu koy natt.
rule-target = Li ñu bëgg mooy lim ci diggante 0,0001 ak 1, lu mel ni 0.90.
member-unknown = Nit kii bokkul.
role-unknown = Wàll bii amul.
explain-stock-out = Stok bi jeex na: { $subject }, li des: { $available }, dale ko { $since }.
explain-stock-out-over = Stok bi jeexoon na: { $subject }, dale ko { $since }; li desoon ci mujj gi: { $available }.
explain-low-stock = Stok bi néew na: { $subject }, li des: { $available }, dayo bi: { NUMBER($threshold) }, dale ko { $since }.
explain-low-stock-over = Stok bi néewoon na: { $subject }, dale ko { $since }; li desoon ci mujj gi: { $available }.
explain-fill-rate = Serwiis bi wàcc na: { $subject }, { $definition ->
    [LINE_FILL_RATE] { NUMBER($served) } ci { NUMBER($asked) } laaj lañu joxe ba mu mat ci { NUMBER($days) } fan, maanaam { NUMBER($ratio) } %
    [UNIT_FILL_RATE] { NUMBER($served) } ci { NUMBER($asked) } yi ñu laaj lañu joxe ci { NUMBER($days) } fan, maanaam { NUMBER($ratio) } %
   *[other] { NUMBER($ratio) } %
  }, li ñu bëgg: { NUMBER($target) } %, dale ko { $since }.
explain-fill-rate-over = Serwiis bi wàccoon na: { $subject }, li ñu bëggoon: { NUMBER($target) } %, dale ko { $since }; ci mujj gi: { $definition ->
    [LINE_FILL_RATE] { NUMBER($served) } ci { NUMBER($asked) } laaj lañu joxe ba mu mat ci { NUMBER($days) } fan
    [UNIT_FILL_RATE] { NUMBER($served) } ci { NUMBER($asked) } yi ñu laaj lañu joxe ci { NUMBER($days) } fan
   *[other] { NUMBER($ratio) } %
  }.
explain-cover = Ni ñuy jaaye ci { NUMBER($pace) } fan yii weesu, loolu mën na yàgg lu jege { NUMBER($days) } fan.
explain-muted = Dafay noppi fi ak stok bu jeex bi ubbeeku na.
explain-pending = Dina artu su yàggee.
explain-cleared = Dellu na ni mu waree { $at }.
explain-rule-removed = Jeex na { $at }: amatul sàrt bu koy xool.
explain-product-archived = Jeex na { $at }: njariñ li dañu ko denc.
stock-alert-item-below-zero = { $product } ({ $available })
stock-alert-item-low-stock = { $product } ({ $available }, dayo { NUMBER($threshold) })
stock-alert-item-service-level-drop = { $product } ({ NUMBER($share) }{"\u00A0"}%)
stock-alert-stock-out-title = { NUMBER($count) ->
    [1] Stok bi jeex na{ $where }: { $names }
   *[other] { NUMBER($count) } stok jeex nañu{ $where }
  }
stock-alert-stock-out-body = Desul dara: { $names }.{ NUMBER($more) ->
    [0] {""}
    [1] {" "}Ak { NUMBER($more) } njariñ lu ci topp.
   *[other] {" "}Ak { NUMBER($more) } njariñ yu ci topp.
  }{ NUMBER($still) ->
    [0] {""}
    [1] {" "}{ NUMBER($still) } njariñ mingi jeex ba tey.
   *[other] {" "}{ NUMBER($still) } njariñ ñungi jeex ba tey.
  }
stock-alert-low-stock-title = { NUMBER($count) ->
    [1] Stok bi néew na{ $where }: { $names }
   *[other] { NUMBER($count) } stok néew nañu{ $where }
  }
stock-alert-low-stock-body = Lu ñu wara yokk: { $names }.{ NUMBER($more) ->
    [0] {""}
    [1] {" "}Ak { NUMBER($more) } njariñ lu ci topp.
   *[other] {" "}Ak { NUMBER($more) } njariñ yu ci topp.
  }{ NUMBER($still) ->
    [0] {""}
    [1] {" "}{ NUMBER($still) } njariñ mingi néew ba tey.
   *[other] {" "}{ NUMBER($still) } njariñ ñungi néew ba tey.
  }
stock-alert-service-level-drop-title = { NUMBER($count) ->
    [1] Serwiis bi wàcc na: { $names }
   *[other] Serwiis bi wàcc na ci { NUMBER($count) } njariñ
  }
stock-alert-service-level-drop-body = Laaj yu bari matuñu: { $names }.{ NUMBER($more) ->
    [0] {""}
    [1] {" "}Ak { NUMBER($more) } njariñ lu ci topp.
   *[other] {" "}Ak { NUMBER($more) } njariñ yu ci topp.
  }{ NUMBER($still) ->
    [0] {""}
    [1] {" "}{ NUMBER($still) } njariñ mingi ci suuf ba tey.
   *[other] {" "}{ NUMBER($still) } njariñ ñungi ci suuf ba tey.
  }
stock-alert-digest-title = { NUMBER($count) } njariñ yu bees a ngi artu
stock-alert-digest-body = Stok yu jeex: { NUMBER($outs) }. Stok yu néew: { NUMBER($lows) }. Serwiis yu wàcc: { NUMBER($drops) }. Yi gëna jamp: { $names }.
stock-alert-over-title = Lépp dellu na ni mu waree{ $where }: { $kind ->
    [STOCK_OUT] amatul stok bu jeex
    [LOW_STOCK] amatul stok bu néew
   *[SERVICE_LEVEL_DROP] amatul serwiis bu wàcc
  }
stock-alert-over-body = Yii baax nañu: { $names }.{ NUMBER($more) ->
    [0] {""}
    [1] {" "}Ak { NUMBER($more) } njariñ lu ci topp.
   *[other] {" "}Ak { NUMBER($more) } njariñ yu ci topp.
  }
