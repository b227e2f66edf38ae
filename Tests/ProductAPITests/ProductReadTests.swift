// SPDX-License-Identifier: Apache-2.0

import ServiceTesting
import Testing

@Suite struct `Reads answered at the edge` {
    /// Fields that tell of this one exchange.
    private static let ownFields: Set<String> = ["date", "x-request-id"]

    private func fields(of response: HTTPMessage.Response) -> [String: [String]] {
        response.headers.filter { !Self.ownFields.contains($0.key) }
    }

    @Test(
        arguments: [
            [:], ["If-None-Match": "\"1\""], ["If-None-Match": "W/\"7\", \"1\""], ["If-None-Match": "\"2\""],
            ["If-None-Match": "*"], ["If-Match": "\"1\""], ["If-Match": "\"2\""], ["If-None-Match": "1"],
            ["If-Modified-Since": "Fri, 31 Dec 9999 23:59:59 GMT"],
            ["If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"],
            ["If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"],
            ["If-Unmodified-Since": "Fri, 31 Dec 9999 23:59:59 GMT"], ["If-Modified-Since": "yesterday"],
        ] as [[String: String]])
    func `are what the router answers, to the byte`(headers: [String: String]) async throws {
        try await APIServer.run(on: .near) { api in
            let path = try await api.client.create(#"{"name":"Ça \"va\"? \\ ü","description":"a\nb","price":0.5}"#)
            // Brings it to the edge.
            #expect(try await api.client.send("GET", path).status == 200)
            for method in ["GET", "HEAD"] {
                let atEdge = try await api.client.send(method, path, headers)
                // What must be weighed is the router's to answer.
                let byRouter = try await api.client.send(
                    method, path, headers.merging(["Accept": "application/json;q=0.9"]) { $1 })
                #expect(atEdge.status == byRouter.status)
                #expect(atEdge.body == byRouter.body)
                #expect(fields(of: atEdge) == fields(of: byRouter))
                if atEdge.status != 400 { #expect(atEdge.header("Cache-Status") == "near; hit") }
            }
        }
    }

    @Test func `end with the product that they are of`() async throws {
        try await APIServer.run(on: .near) { api in
            let path = try await api.client.create()
            for version in 1...3 {
                for _ in 0..<2 {
                    #expect(try await api.client.send("GET", path).header("ETag") == "\"\(version)\"")
                }
                #expect(try await api.client.send("PUT", path, json: #"{"price":\#(version)}"#).status == 200)
            }
            #expect(try await api.client.send("GET", path).header("ETag") == "\"4\"")
            #expect(try await api.client.send("DELETE", path).status == 204)
            #expect(try await api.client.send("GET", path).status == 404)
        }
    }

    @Test func `are for what the media types allow`() async throws {
        try await APIServer.run(on: .near) { api in
            let path = try await api.client.create()
            #expect(try await api.client.send("GET", path).status == 200)
            for (accept, status) in [("*/*", 200), ("application/json", 200), ("text/html", 406), ("", 406)] {
                #expect(try await api.client.send("GET", path, ["Accept": accept]).status == status, "\(accept)")
            }
        }
    }
}
