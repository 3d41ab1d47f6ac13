import-unknown = Duggal bii amul.
import-over = Duggal bii jeex na : mënatuñu ko neenal.
import-one-source = Joxeel fisie walla mbind, benn rekk ci ñoom ñaar.
import-file-unknown = Fisie bii amul, walla du fisie bu ñuy duggal.
import-empty = Fisie bi amul dara.
import-only-header = Fisie bi bopp rekk la am : amul lu ñu ci duggal.
import-utf16 = Fisie bi ci UTF-16 la nekk. Denc ko ci CSV UTF-8.
import-encoding-mixed = Li ko dale ci rëdd wii, fisie bi dafa jaxase UTF-8 ak beneen mbind. Denc ko ci CSV UTF-8.
import-encoding-unknown = Mbind mii du UTF-8 du Windows-1252. Denc fisie bi ci CSV UTF-8.
import-line-ends = Mujjug rëdd yi duñu yu CSV. Denc fisie bi ci CSV UTF-8.
import-nul = Rëdd wii am na octet yu amul dara : du mbind.
import-gzip-broken = Gzip bi dafa yàqu walla matul. Yónneewaatal fisie bi.
import-too-large = Bu ñu ko tàllalee, fisie bi dafa rëy lool : { $most } a ko gëna rëy. Xaajal ko ci fisie yu bare.
import-record-too-large = Am na rëdd wu ëpp benn mégaoctet : amaana dañu fàtte tëj ab guillemet.
import-quote-open = Guillemet bi ubbeeku ci rëdd { $line } kenn tëju ko ; jubbantil ko, nga tàmbaliwaat.
import-quote-astray = Guillemet bi ubbeeku ci rëdd { $line } ci suuf rekk lañu ko tëj, te limu néeg yi baaxul ; jubbantil ko, nga tàmbaliwaat.
import-blank-lines = Fisie bi am na lu ëpp benn mégaoctet ci rëdd yu amul dara yu toppante. Dindil leen, nga yónneewaat ko.
import-header-too-large = Bopp bi am na lu ëpp 1000 kolon, walla tur wu ëpp 200 araf.
import-too-many-rows = Fisie bi am na lu ëpp { $most } rëdd. Xaajal ko ci fisie yu bare.
import-rehearsal-too-large = Nattu bi mënul fàttaliku li fisie bi di yokk yépp. Xaajal fisie bi, walla nga duggal ko te bañ a nattu.
import-header-changed = Boppu fisie bi amatul kolon yi ñu tànnoon.
import-gave-up = Duggal bi fii la taxaw, te sunu njuumte la. Tàmbaliwaatal ko : li ñu def duñu ko defaat.
import-field-twice = Ñaari kolon mënuñu feesal benn barab.
import-field-of-movements = Barab bii yëngu-yëngu yi rekk a ko am.
import-needs-sku = Wanel kolonu référence produit bi (SKU).
import-needs-quantity = Wanel kolonu limu yi.
import-needs-kind = Wanel kolonu xeetu yëngu-yëngu, walla sàrt yu koy tànn.
import-rules-of-movements = Sàrt yi ci yëngu-yëngu yi rekk lañu am.
import-rule-kind-or-skip = Sàrt dafay joxe xeetu yëngu-yëngu, walla mu bàyyi rëdd wi : benn ci ñoom ñaar.
import-rule-values = Lim bi dafay am 1 ba 1000.
import-rules-values = Ci sàrt yépp boole, limu baat yi du ëpp { NUMBER($most) }.
import-column-missing = Fisie bi amul kolon bu tudd « { $column } ».
import-column-twice = Fisie bi am na kolon yu bare yu tudd « { $column } ».
import-kind-transfer = Toxal ñaari dàkk lay laal : bindal ko ni toxal.
import-kind-undecided = Amul sàrt walla xeet bu wax lan la yëngu-yëngu bii.
import-kind-unknown = Xeetu yëngu-yëngu bii xamuñu ko. Bindal RECEIPT, SALE, CUSTOMER_RETURN, SUPPLIER_RETURN, ADJUSTMENT, WRITE_OFF walla COUNT.
import-row-ragged = Rëdd wii { NUMBER($found) ->
    [1] benn néeg
   *[other] { NUMBER($found) } néeg
  } la am ; bopp bi { NUMBER($expected) } la am.
import-cell-formula = Néeg bii formule tablo moo ci nekk.
import-cell-too-long = Néeg bii dafa gudd lool : { NUMBER($most) } octet rekk. Gàttal ko.
import-number-invalid = Lii du lim.
import-number-ambiguous = Lim bi leerul : junni la walla décimale ? Bindal 1234 walla 1.234.
import-quantity-missing = Lim bi manque na.
import-date-missing = Bis bi manque na.
import-date-invalid = Bis bii jànguwul. Bindal 2024-12-31, 2024-12-31T08:30 walla 31/12/2024 08:30.
import-date-skipped = Waxtu wii amul : montar bi dafa ko tëb bis booba.
import-name-missing = Produit bu bees dafa soxla tur.
import-sku-unknown = Amul produit bu am référence « { $sku } ». Sosal ko jëkk, walla nga tàmbaliwaat duggal bi ak createMissing.
import-warehouse-unknown = Amul dencukaay bu tudd walla bu am kodu « { $name } ». Sosal ko jëkk, walla nga tàmbaliwaat duggal bi ak createMissing.
import-category-unknown = Amul xeet wu tudd « { $name } ». Sosal ko jëkk, walla nga tàmbaliwaat duggal bi ak createMissing.
import-supplier-unknown = Amul jaaykat bu tudd « { $name } ». Sosal ko jëkk, walla nga tàmbaliwaat duggal bi ak createMissing.
import-unit-unknown = Amul natt bu am kodu « { $name } ».
import-completed-title = { $kind ->
    [PRODUCTS] Njariñ yi dugg nañu
   *[STOCK_MOVEMENTS] Yëngu-yëngu stok yi dugg nañu
  }
import-completed-body = { NUMBER($applied) } rëdd dugg nañu{ NUMBER($skipped) ->
    [0] {""}
   *[other] {", "}{ NUMBER($skipped) } bàyyi nañu leen
  }{ NUMBER($failed) ->
    [0] {""}
   *[other] {", "}{ NUMBER($failed) } bañ nañu leen
  }.
import-rehearsed-title = Natt gi jeex na
import-rehearsed-body = Bindul dara. Su duggee dëgg, { NUMBER($applied) } rëdd dinañu dugg, { NUMBER($skipped) } dinañu leen bàyyi, { NUMBER($failed) } dinañu leen bañ.
import-failed-title = Duggal gi taxaw na
import-failed-body = Duggal gi àggul: njuumte bi mujj dafay wax lu tax. Rëdd yi dugg bala muy taxaw: { NUMBER($applied) }.
import-cancelled-title = Neenal nañu duggal gi
import-cancelled-body = Am na ku neenal sa duggal. Rëdd yi dugg ba noppi, te des: { NUMBER($applied) }.
import-undo-not-over = Duggal bii jeexagul : xaaral mu jeex, walla nga jëkk koo neenal.
import-undo-dry-run = Nattu du bind dara : amul lu ñuy far.
import-undo-products = Duggal njariñ mënuñu koo far. Jubbantil njariñ yi ak beneen duggal.
import-undo-nothing = Amul lu ñu mëna far ci duggal bii : bindul benn yëngu-yëngu, walla mu jiitu bi loolu di mëna am.
import-undo-reason = Duggal bi far nañu ko
import-undone-title = Far nañu yëngu-yëngu yi ñu dugaloon
import-undone-body = { NUMBER($undone) } yëngu-yëngu far nañu leen{ NUMBER($stay) ->
    [0] {""}
   *[other] {", "}{ NUMBER($stay) } des nañu : su ñu leen faree, stok bi dina wàcc ci suufu dara, walla mu weesu li dencukaay bi mëna am
  }.
import-undo-failed-title = Far duggal bi taxaw na
import-undo-failed-body = Far bi taxaw na, te sunu njuumte la. Yëngu-yëngu yi ñu far bala muy taxaw: { NUMBER($undone) }. Laajaatal ko : dina jël li des.
