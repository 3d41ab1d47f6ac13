DELETE FROM ev_product
