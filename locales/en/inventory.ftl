unit-piece = Piece
unit-box = Box
unit-kg = Kilogram
unit-g = Gram
unit-l = Litre
unit-ml = Millilitre
unit-m = Metre
unit-bag = Bag
measure-piece = { NUMBER($n) }{"\u00A0"}{ NUMBER($n) ->
    [one] piece
   *[other] pieces
  }
measure-box = { NUMBER($n) }{"\u00A0"}{ NUMBER($n) ->
    [one] box
   *[other] boxes
  }
measure-kg = { NUMBER($n) }{"\u00A0"}kg
measure-g = { NUMBER($n) }{"\u00A0"}g
measure-l = { NUMBER($n) }{"\u00A0"}l
measure-ml = { NUMBER($n) }{"\u00A0"}ml
measure-m = { NUMBER($n) }{"\u00A0"}m
measure-bag = { NUMBER($n) }{"\u00A0"}{ NUMBER($n) ->
    [one] bag
   *[other] bags
  }
warehouse-main = Main warehouse
name-taken = This name is taken.
code-taken = This code is taken.
sku-taken = Another product has this SKU.
list-full = This list is full: { NUMBER($most) } rows at most.
product-unknown = This product does not exist.
product-archived = This product is archived. Reactivate it first.
category-unknown = This category does not exist.
supplier-unknown = This supplier does not exist.
unit-unknown = This unit does not exist.
warehouse-unknown = This warehouse does not exist.
movement-unknown = This movement does not exist.
movement-is-reverse = This movement undoes another one. Record a new movement instead.
movement-already-reversed = This movement has been undone already.
lead-time-range = A lead time is 0 to 3650 days.
amount-invalid = Not a valid amount in { $currency }: a positive number, with no more decimals than the currency has.
amount-negative = An amount cannot be negative.
quantity-invalid = Not a valid quantity: a number of at most three decimals, up to a thousand million.
quantity-negative = The quantity cannot be negative.
quantity-zero = The quantity cannot be zero.
quantity-too-fine = Too many decimals: the unit of this product allows { $decimals }.
ordered-only-for-sales = Only a sale has an ordered quantity.
ordered-below-delivered = The ordered quantity cannot be below the delivered one.
unit-too-coarse = Movements already recorded have more decimals than this unit allows.
unit-too-coarse-for-thresholds = The reorder point or the safety stock has more decimals than this unit allows.
date-in-future = This date is in the future.
date-too-old = This date is too long ago: 1 January 1970 at the earliest.
stock-insufficient = Not enough stock: { NUMBER($available) } left.
stock-beyond-bound = Too much for one warehouse: the stock of a product there goes up to a hundred thousand million units, either way. Check the quantity.
stock-negative = Stock is now below zero: { NUMBER($available) }. Check it with a count.
transfer-same-warehouse = Choose two different warehouses.
idempotency-mismatch = This idempotency key was used for another request.
kind-is-transfer = Record a transfer with stockTransferRecord.
