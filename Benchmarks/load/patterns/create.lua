-- SPDX-License-Identifier: Apache-2.0
-- Creates a product with each request.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"name":"Laptop","description":"A product like any other, with a few words about it.","price":1299.99}'
