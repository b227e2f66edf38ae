// SPDX-License-Identifier: Apache-2.0

import ServiceTesting
import Testing

@Suite struct `Products over HTTP` {
    @Test(arguments: Backend.allCases)
    func `a product is created, read, changed and deleted`(backend: Backend) async throws {
        try await APIServer.run(on: backend) { api in
            let created = try await api.client.send(
                "POST", APIClient.products, json: #"{"name":"Laptop","description":"MacBook Pro","price":1299.99}"#)
            #expect(created.status == 201)
            #expect(created.header("ETag") == "\"1\"")
            #expect(created.header("Content-Type") == "application/json")
            let path = try #require(created.header("Location"))
            let id: String = try created.member("id")
            #expect(path == "\(APIClient.products)/\(id)")
            let expected = #"""
                {"id":"\#(id)","name":"Laptop","description":"MacBook Pro","price":1299.99,\#
                "created_at":1700000000,"updated_at":1700000000,"version":1}
                """#
            #expect(created.text == expected)

            let read = try await api.client.send("GET", path)
            #expect(read.status == 200 && read.text == expected)
            #expect(read.header("Last-Modified") == "Tue, 14 Nov 2023 22:13:20 GMT")

            api.clock.advance(bySeconds: 100)
            let put = try await api.client.send("PUT", path, json: #"{"price":10}"#)
            #expect(put.status == 200 && put.header("ETag") == "\"2\"")
            #expect(put.text.contains(#""price":10.00,"created_at":1700000000,"updated_at":1700000100,"version":2"#))
            let patched = try await api.client.send(
                "PATCH", path, ["Content-Type": "application/merge-patch+json"], json: #"{"description":null}"#)
            #expect(patched.status == 200)
            #expect(try patched.member("description") == "")
            #expect(try patched.member("version") == 3)

            let deleted = try await api.client.send("DELETE", path)
            #expect(deleted.status == 204 && deleted.body.isEmpty && deleted.header("Content-Length") == nil)
            #expect(try await api.client.send("GET", path).status == 404)
            #expect(try await api.client.send("DELETE", path).status == 404)
        }
    }

    @Test func `HEAD answers as GET does, without the body`() async throws {
        try await APIServer.run { api in
            let path = try await api.client.create()
            for target in [path, APIClient.products, "/health", "/openapi.json", "/readyz", "/livez"] {
                let get = try await api.client.send("GET", target)
                let head = try await api.client.send("HEAD", target)
                #expect(head.status == get.status && head.body.isEmpty)
                for name in ["Content-Length", "Content-Type", "ETag", "Last-Modified", "Cache-Control"] {
                    #expect(head.header(name) == get.header(name), "\(name) of \(target)")
                }
            }
            #expect(try await api.client.send("HEAD", path + "x").status == 404)
        }
    }

    @Test func `HEAD has no body either where it goes wrong, so that the connection stays in step`() async throws {
        try await APIServer.run { api in
            let connection = try await HTTPConnection.connect(to: api.client.port)
            for target in ["/nothing", "\(APIClient.products)/nothing", "\(APIClient.products)?limit=x"] {
                try await connection.send(HTTPMessage.Request("HEAD", target))
                #expect(try await connection.receive(hasBody: false).status >= 400)
                try await connection.send(HTTPMessage.Request("GET", "/health"))
                #expect(try await connection.receive().text == "OK")
            }
            await connection.close()
        }
    }

    @Test func `an update with no field is refused, and the product stays as it is`() async throws {
        try await APIServer.run { api in
            let path = try await api.client.create()
            for method in ["PUT", "PATCH"] {
                let response = try await api.client.send(method, path, json: "{}")
                #expect(response.status == 400)
            }
            #expect(try await api.client.send("GET", path).header("ETag") == "\"1\"")
        }
    }

    @Test func `a path answers other methods with 405 and what it does answer`() async throws {
        try await APIServer.run { api in
            let path = try await api.client.create()
            for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
                #expect(try await api.client.send(method, APIClient.products).status == 405)
            }
            for method in ["POST", "OPTIONS", "LINK"] {
                #expect(try await api.client.send(method, path).status == 405)
            }
            #expect(try await api.client.send("POST", "/health").status == 405)
            #expect(try await api.client.send("DELETE", "/readyz").status == 405)
            for path in ["/", "/api", "/api/v1", "/api/v2/products", "\(path)/reviews", "/metrics/x"] {
                #expect(try await api.client.send("GET", path).status == 404)
            }
        }
    }

    @Test func `an Accept header that rules JSON out gets 406, any other the answer`() async throws {
        try await APIServer.run { api in
            let path = try await api.client.create()
            let wanted = [
                "*/*", "application/json", "application/*;q=0.1", "text/html, application/json", "text/html,*/*;q=0.5",
            ]
            for accept in wanted {
                #expect(try await api.client.send("GET", path, ["Accept": accept]).status == 200, "\(accept)")
            }
            let unwanted = [
                "text/html", "application/xml, text/*", "application/json;q=0", "*/*, application/json;q=0",
            ]
            for accept in unwanted {
                #expect(try await api.client.send("GET", path, ["Accept": accept]).status == 406, "\(accept)")
                #expect(try await api.client.send("GET", APIClient.products, ["Accept": accept]).status == 406)
                let post = try await api.client.send("POST", APIClient.products, ["Accept": accept], json: "{}")
                #expect(post.status == 406)
            }
        }
    }

    @Test func `probes answer, one check at a time too`() async throws {
        try await APIServer.run { (api) async throws in
            for probe in ["/startupz", "/livez", "/readyz", "/readyz/drain", "/health"] {
                #expect(try await api.client.send("GET", probe).status == 200)
            }
            #expect(try await api.client.send("GET", "/health").text == "OK")
            #expect(try await api.client.send("GET", "/readyz?verbose").text == "[+]drain ok\nreadyz check passed\n")
            #expect(try await api.client.send("GET", "/readyz?verbose&exclude=drain").text == "readyz check passed\n")
            #expect(try await api.client.send("GET", "/readyz/nothing").status == 404)
            #expect(try await api.client.send("GET", "/readyz?exclude=%zz").status == 400)
        }
    }
}
