// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProductsTesting
import ServiceTesting
import Testing

@Suite struct `The list of products` {
    private func names(_ response: HTTPMessage.Response) throws -> [String] {
        let products: [[String: Any]] = try response.member("products")
        return products.compactMap { $0["name"] as? String }
    }

    private func fill(_ api: APIServer, _ count: Int) async throws {
        for number in 0..<count {
            let product = ProductFixtures.product(name: "P\(number)", cents: Int64(number % 5 + 1) * 100)
            _ = try await api.repository.create(product, idempotencyKey: nil)
        }
    }

    @Test(arguments: Backend.allCases)
    func `pages stand newest first, linked to the next`(backend: Backend) async throws {
        try await APIServer.run(on: backend) { api in
            let empty = try await api.client.send("GET", APIClient.products)
            #expect(empty.text == #"{"products":[],"limit":20,"offset":0}"# && empty.header("Link") == nil)
            try await fill(api, 45)
            var target: String? = "\(APIClient.products)?limit=20"
            var seen: [String] = []
            while let current = target {
                let page = try await api.client.send("GET", current)
                #expect(page.status == 200)
                seen += try names(page)
                let link = page.header("Link")
                let cursor: String? = try? page.member("next_cursor")
                #expect((link == nil) == (cursor == nil))
                target = link.map { String($0.dropFirst().prefix { $0 != ">" }) }
                if let link, let cursor {
                    #expect(link.contains("cursor=\(cursor)") && link.hasSuffix("; rel=\"next\""))
                }
            }
            #expect(seen == (0..<45).reversed().map { "P\($0)" })
            let second = try await api.client.send("GET", "\(APIClient.products)?limit=20&offset=20")
            #expect(try names(second) == Array(seen[20..<40]))
            #expect(try second.member("offset") == 20)
        }
    }

    @Test func `sorts and filters go together, over pages too`() async throws {
        try await APIServer.run(on: .sqlite) { api in
            try await fill(api, 30)
            let query = "sort=-price&min_price=2.00&max_price=4&name=P1&limit=3"
            var target: String? = "\(APIClient.products)?\(query)"
            var seen: [String] = []
            while let current = target {
                let page = try await api.client.send("GET", current)
                seen += try names(page)
                target = page.header("Link").map { String($0.dropFirst().prefix { $0 != ">" }) }
            }
            // 1, 10…19 begin with P1; prices 2 to 4 are those whose number leaves 1, 2 or 3 by five.
            #expect(seen == ["P18", "P13", "P17", "P12", "P16", "P11", "P1"])
            let umlauts = ProductFixtures.product(name: "Ä & Ö=100%")
            _ = try await api.repository.create(umlauts, idempotencyKey: nil)
            _ = try await api.repository.create(ProductFixtures.product(name: "Ä & Ö=100%!"), idempotencyKey: nil)
            let page = try await api.client.send(
                "GET", "\(APIClient.products)?limit=1&sort=name&name=%C3%84+%26+%C3%96%3D100%25")
            #expect(try names(page) == ["Ä & Ö=100%"])
            let next = try #require(page.header("Link").map { String($0.dropFirst().prefix { $0 != ">" }) })
            #expect(try names(try await api.client.send("GET", next)) == ["Ä & Ö=100%!"])
        }
    }

    @Test func `C8: limits and offsets out of range are brought into it, what is no integer is refused`() async throws {
        try await APIServer.run(on: .sqlite) { api in
            try await fill(api, 120)
            for (sent, applied) in [
                ("0", 20), ("-1", 20), ("101", 20), ("1000000000", 20), ("99999999999999999999", 20), ("100", 100),
                ("1", 1),
            ] {
                let page = try await api.client.send("GET", "\(APIClient.products)?limit=\(sent)")
                #expect(page.status == 200)
                #expect(try page.member("limit") == applied)
                #expect(try names(page).count == applied)
            }
            let negative = try await api.client.send("GET", "\(APIClient.products)?offset=-5")
            #expect(try negative.member("offset") == 0)
            for offset in ["1000000000", "9223372036854775807", "99999999999999999999"] {
                let page = try await api.client.send("GET", "\(APIClient.products)?offset=\(offset)")
                #expect(page.status == 200)
                #expect(try names(page).isEmpty)
            }
            let bad = [
                "limit=", "limit=1e9", "limit=abc", "limit=1.5", "limit=+", "limit=%201", "offset=x", "limit=1&limit=2",
                "page=2", "sort=", "sort=id",
                "sort=price,name", "sort=--price", "min_price=abc", "max_price=1.999", "min_price=NaN", "name=",
                "limit=%zz", "name=%ff", "name=%00",
                "name=" + String(repeating: "a", count: 101), "cursor=&offset=1", "Limit=5",
            ]
            for query in bad {
                let response = try await api.client.send("GET", "\(APIClient.products)?\(query)")
                #expect(response.status == 400, "\(query)")
            }
        }
    }

    @Test func `a query of many unknown parameters gets a short answer`() async throws {
        try await APIServer.run { api in
            let query = (0..<1000).map { "p\($0)~/=1" }.joined(separator: "&")
            let response = try await api.client.send("GET", "\(APIClient.products)?\(query)")
            let errors: [[String: String]] = try response.member("errors")
            #expect(response.status == 400 && errors.count == 20)
            #expect(errors.first?["pointer"] == "/p0~0~1")
        }
    }

    @Test(arguments: Backend.allCases)
    func `C8: a cursor is good for its list, a day long, and for nothing else`(backend: Backend) async throws {
        try await APIServer.run(on: backend) { api in
            try await fill(api, 10)
            let list = "\(APIClient.products)?limit=3&sort=price"
            let cursor: String = try await api.client.send("GET", list).member("next_cursor")
            #expect(try await api.client.send("GET", "\(list)&cursor=\(cursor)").status == 200)
            #expect(
                try await api.client.send("GET", "\(APIClient.products)?limit=9&sort=price&cursor=\(cursor)").status
                    == 200)

            let others = ["sort=-price", "sort=name", "sort=created_at", "sort=price&name=P", "sort=price&min_price=1"]
            for other in others {
                let response = try await api.client.send("GET", "\(APIClient.products)?\(other)&cursor=\(cursor)")
                #expect(response.status == 400)
                #expect(try response.member("type") == "/problems/invalid-cursor")
            }
            // Every character changed, one by one; cut short; grown.
            for index in cursor.indices {
                var tampered = cursor
                let replacement = cursor[index] == "A" ? "B" : "A"
                tampered.replaceSubrange(index...index, with: replacement)
                #expect(try await api.client.send("GET", "\(list)&cursor=\(tampered)").status == 400)
            }
            for bad in [
                "", "x", String(cursor.dropLast()), cursor + "A", cursor + "=", String(repeating: "A", count: 7000),
            ] {
                #expect(try await api.client.send("GET", "\(list)&cursor=\(bad)").status == 400)
            }
            #expect(try await api.client.send("GET", "\(list)&offset=3&cursor=\(cursor)").status == 400)

            api.clock.advance(bySeconds: 24 * 60 * 60 - 1)
            #expect(try await api.client.send("GET", "\(list)&cursor=\(cursor)").status == 200)
            api.clock.advance(bySeconds: 1)
            #expect(try await api.client.send("GET", "\(list)&cursor=\(cursor)").status == 400)
        }
    }

    @Test(arguments: Backend.allCases)
    func `C9: characters that mean something elsewhere stand for themselves in a name filter`(backend: Backend)
        async throws
    {
        try await APIServer.run(on: backend) { api in
            for name in ["%_\\", "%x", "_y", "\\z", "abc", "(a+)+$", "'"] {
                _ = try await api.repository.create(ProductFixtures.product(name: name), idempotencyKey: nil)
            }
            for (prefix, expected) in [
                ("%25", ["%_\\", "%x"]), ("_", ["_y"]), ("%5C", ["\\z"]), ("%25_", ["%_\\"]),
                ("(a%2B)%2B%24", ["(a+)+$"]), ("'", ["'"]), ("A", []),
            ] {
                let page = try await api.client.send("GET", "\(APIClient.products)?sort=name&name=\(prefix)")
                #expect(try names(page) == expected, "\(prefix)")
            }
            let long = String(repeating: "%25", count: 3000)
            #expect(try await api.client.send("GET", "\(APIClient.products)?name=\(long)").status == 400)
        }
    }
}
