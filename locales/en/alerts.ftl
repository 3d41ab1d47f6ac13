alert-unknown = This alert does not exist.
alert-pending = This alert has not fired yet: there is nothing to handle.
alert-resolved = This alert is over already.
too-many-ids = Too many at once: { NUMBER($most) } at most.
snooze-range = Choose a time to come, within a year.
snooze-one-of = Choose either a time or “until restock”, not both.
rule-unknown = This rule does not exist.
rule-threshold-of-low-stock = Only a low stock rule has a threshold.
rule-percent = A percentage from 0 to 1000, with two decimals at most.
rule-product-or-category = Choose a product or a category, not both.
rule-recipients-too-many = 100 recipients at most: choose a role instead.
rule-channels-none = Choose at least one channel: the application, e-mail or WhatsApp.
rule-minutes = A number of minutes, from 0 to a year.
rule-repeat = 0 for only once, else a number of minutes, from 15 to a year.
rule-number = This number is out of bounds: 1 to { NUMBER($most) }.
rule-only-service-level = This field is for service level rules alone.
rule-service-level-unsupported = This definition cannot be worked out from stock. Choose LINE_FILL_RATE or UNIT_FILL_RATE.
rule-service-level-everywhere = A service level is measured over all warehouses together.
rule-target = The target is a number from 0.0001 to 1, such as 0.90.
member-unknown = This member does not exist.
role-unknown = This role does not exist.
explain-stock-out = Out of stock: { $subject }, available: { $available }, noticed { $since }.
explain-stock-out-over = { $subject } was out of stock since { $since }; available at the end: { $available }.
explain-low-stock = Low stock: { $subject }, available: { $available } against a threshold of { NUMBER($threshold) }, noticed { $since }.
explain-low-stock-over = { $subject } was low on stock since { $since }; available at the end: { $available }.
explain-fill-rate = Service level down: { $subject }, { $definition ->
    [LINE_FILL_RATE] { NUMBER($served) } of { NUMBER($asked) } lines served in full in { NUMBER($days) } days, { NUMBER($ratio) }%
    [UNIT_FILL_RATE] { NUMBER($served) } units delivered of { NUMBER($asked) } ordered in { NUMBER($days) } days, { NUMBER($ratio) }%
   *[other] { NUMBER($ratio) }%
  } against a target of { NUMBER($target) }%, noticed { $since }.
explain-fill-rate-over = { $subject } was below its service level target of { NUMBER($target) }% since { $since }; at the end: { $definition ->
    [LINE_FILL_RATE] { NUMBER($served) } of { NUMBER($asked) } lines served in full in { NUMBER($days) } days
    [UNIT_FILL_RATE] { NUMBER($served) } units delivered of { NUMBER($asked) } ordered in { NUMBER($days) } days
   *[other] { NUMBER($ratio) }%
  }.
explain-cover = At the pace of the last { NUMBER($pace) ->
    [one] day
   *[other] { NUMBER($pace) } days
  } this lasts about { NUMBER($days) } { NUMBER($days) ->
    [one] day
   *[other] days
  }.
explain-muted = It keeps quiet while the stock-out of the same product is open.
explain-pending = It will fire if this lasts.
explain-cleared = Back in order since { $at }.
explain-rule-removed = Over since { $at }: no rule watches it any more.
explain-product-archived = Over since { $at }: the product is archived.
stock-alert-item-below-zero = { $product } ({ $available })
stock-alert-item-low-stock = { $product } ({ $available }, threshold { NUMBER($threshold) })
stock-alert-item-service-level-drop = { $product } ({ NUMBER($share) }%)
stock-alert-stock-out-title = { NUMBER($count) ->
    [one] Out of stock{ $where }: { $names }
   *[other] { NUMBER($count) } products out of stock{ $where }
  }
stock-alert-stock-out-body = Nothing available: { $names }.{ NUMBER($more) ->
    [0] {""}
    [one] {" "}And { NUMBER($more) } more product.
   *[other] {" "}And { NUMBER($more) } more products.
  }{ NUMBER($still) ->
    [0] {""}
    [one] {" "}And { NUMBER($still) } product still out.
   *[other] {" "}And { NUMBER($still) } products still out.
  }
stock-alert-low-stock-title = { NUMBER($count) ->
    [one] Low stock{ $where }: { $names }
   *[other] { NUMBER($count) } products low{ $where }
  }
stock-alert-low-stock-body = To restock: { $names }.{ NUMBER($more) ->
    [0] {""}
    [one] {" "}And { NUMBER($more) } more product.
   *[other] {" "}And { NUMBER($more) } more products.
  }{ NUMBER($still) ->
    [0] {""}
    [one] {" "}And { NUMBER($still) } product still low.
   *[other] {" "}And { NUMBER($still) } products still low.
  }
stock-alert-service-level-drop-title = { NUMBER($count) ->
    [one] Service level down: { $names }
   *[other] Service level down for { NUMBER($count) } products
  }
stock-alert-service-level-drop-body = Too many orders served in part: { $names }.{ NUMBER($more) ->
    [0] {""}
    [one] {" "}And { NUMBER($more) } more product.
   *[other] {" "}And { NUMBER($more) } more products.
  }{ NUMBER($still) ->
    [0] {""}
    [one] {" "}And { NUMBER($still) } product still below target.
   *[other] {" "}And { NUMBER($still) } products still below target.
  }
stock-alert-digest-title = { NUMBER($count) } products have just raised an alert
stock-alert-digest-body = Out of stock: { NUMBER($outs) }. Low stock: { NUMBER($lows) }. Service level down: { NUMBER($drops) }. Most urgent: { $names }.
stock-alert-over-title = Back to normal{ $where }: { $kind ->
    [STOCK_OUT] nothing is out of stock any more
    [LOW_STOCK] no stock is low any more
   *[SERVICE_LEVEL_DROP] no service level is down any more
  }
stock-alert-over-body = In order again: { $names }.{ NUMBER($more) ->
    [0] {""}
    [one] {" "}And { NUMBER($more) } more product.
   *[other] {" "}And { NUMBER($more) } more products.
  }
