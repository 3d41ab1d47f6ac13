SELECT COUNT(*) FROM ev_product
