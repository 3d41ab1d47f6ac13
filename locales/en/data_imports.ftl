import-unknown = This import does not exist.
import-over = This import is over: it can no longer be cancelled.
import-one-source = Give either a file or a content, and only one of them.
import-file-unknown = This file does not exist, or is not a file to import.
import-empty = The file is empty.
import-only-header = The file has nothing but its header: there is nothing to import.
import-utf16 = The file is in UTF-16. Save it as CSV UTF-8.
import-encoding-mixed = From this line on, the file mixes UTF-8 with another encoding. Save it as CSV UTF-8.
import-encoding-unknown = This text is neither UTF-8 nor Windows-1252. Save the file as CSV UTF-8.
import-line-ends = The line ends are not those of a CSV. Save the file as CSV UTF-8.
import-nul = This line holds NUL bytes: it is not text.
import-gzip-broken = The gzip archive is damaged or incomplete. Send the file again.
import-too-large = Once inflated, the file is too large: { $most } at most. Split it into several files.
import-record-too-large = A row is larger than a megabyte: most likely a quote was never closed.
import-quote-open = A quote opened on line { $line } was never closed; mend it, then start again.
import-quote-astray = A quote opened on line { $line } was closed only further down, and the number of cells is wrong; mend it, then start again.
import-blank-lines = The file has over a megabyte of blank lines in a row. Remove them, then send it again.
import-header-too-large = The header has more than 1000 columns, or a name of more than 200 characters.
import-too-many-rows = The file has more than { $most } rows. Split it into several files.
import-rehearsal-too-large = A dry run cannot remember all that this file would add. Split the file, or import it without one.
import-header-changed = The file's header no longer has the columns chosen at the start.
import-gave-up = The import stopped here through our fault. Start it again: what is done will not be done twice.
import-field-twice = Two columns cannot fill the same field.
import-field-of-movements = Only movements have this field.
import-needs-sku = Name the column of the product's SKU.
import-needs-quantity = Name the column of the quantity.
import-needs-kind = Name the column of the kind of movement, or rules that decide it.
import-rules-of-movements = Rules are for movements only.
import-rule-kind-or-skip = A rule gives a kind of movement, or skips the row: one of the two.
import-rule-values = A list of values has 1 to 1000 of them.
import-rules-values = At most { NUMBER($most) } values in all rules together.
import-column-missing = The file has no column “{ $column }”.
import-column-twice = The file has several columns “{ $column }”.
import-kind-transfer = A transfer touches two warehouses: record it as a transfer.
import-kind-undecided = No rule and no kind says what this movement is.
import-kind-unknown = Unknown kind of movement. Write RECEIPT, SALE, CUSTOMER_RETURN, SUPPLIER_RETURN, ADJUSTMENT, WRITE_OFF or COUNT.
import-row-ragged = This row has { NUMBER($found) ->
    [one] { NUMBER($found) } cell
   *[other] { NUMBER($found) } cells
  }; the header has { NUMBER($expected) }.
import-cell-formula = This cell holds a spreadsheet formula.
import-cell-too-long = This cell is too long: { NUMBER($most) } bytes at most. Shorten it.
import-number-invalid = This is not a number.
import-number-ambiguous = Ambiguous number: thousands or decimals? Write 1234 or 1.234.
import-quantity-missing = The quantity is missing.
import-date-missing = The date is missing.
import-date-invalid = Unreadable date. Write 2024-12-31, 2024-12-31T08:30 or 31/12/2024 08:30.
import-date-skipped = This time does not exist: the clock skipped it that day.
import-name-missing = A new product needs a name.
import-sku-unknown = No product has the SKU “{ $sku }”. Create it first, or start the import again with createMissing.
import-warehouse-unknown = No warehouse has the name or code “{ $name }”. Create it first, or start the import again with createMissing.
import-category-unknown = No category is called “{ $name }”. Create it first, or start the import again with createMissing.
import-supplier-unknown = No supplier is called “{ $name }”. Create it first, or start the import again with createMissing.
import-unit-unknown = No unit has the code “{ $name }”.
import-completed-title = { $kind ->
    [PRODUCTS] Products imported
   *[STOCK_MOVEMENTS] Stock movements imported
  }
import-completed-body = { NUMBER($applied) ->
    [one] { NUMBER($applied) } row imported
   *[other] { NUMBER($applied) } rows imported
  }{ NUMBER($skipped) ->
    [0] {""}
   *[other] {", "}{ NUMBER($skipped) } left aside
  }{ NUMBER($failed) ->
    [0] {""}
   *[other] {", "}{ NUMBER($failed) } refused
  }.
import-rehearsed-title = Dry run of an import done
import-rehearsed-body = Nothing was written. The import would take { NUMBER($applied) } rows, leave { NUMBER($skipped) } aside and refuse { NUMBER($failed) }.
import-failed-title = Import stopped
import-failed-body = The import could not go to its end: its last error says why. Rows imported before it stopped: { NUMBER($applied) }.
import-cancelled-title = Import cancelled
import-cancelled-body = Somebody cancelled your import. Rows imported before, which stay: { NUMBER($applied) }.
import-undo-not-over = This import is not over: wait for its end, or cancel it first.
import-undo-dry-run = A dry run writes nothing: there is nothing to undo.
import-undo-products = An import of products cannot be undone. Correct the products by another import.
import-undo-nothing = Nothing of this import can be undone: it recorded no movement, or is from before that was possible.
import-undo-reason = Import undone
import-undone-title = Imported movements undone
import-undone-body = { NUMBER($undone) ->
    [0] No movement undone
    [one] { NUMBER($undone) } movement undone
   *[other] { NUMBER($undone) } movements undone
  }{ NUMBER($stay) ->
    [0] {""}
    [one] {", "}{ NUMBER($stay) } kept: without it, stock would fall below zero or pass what a warehouse can hold
   *[other] {", "}{ NUMBER($stay) } kept: without them, stock would fall below zero or pass what a warehouse can hold
  }.
import-undo-failed-title = Undo of an import stopped
import-undo-failed-body = The undo stopped through our fault. Movements undone before it stopped: { NUMBER($undone) }. Ask for it again: it takes the rest.
