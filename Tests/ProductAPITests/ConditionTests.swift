// SPDX-License-Identifier: Apache-2.0

import ServiceTesting
import Testing

@Suite struct `Conditional requests` {
    @Test(arguments: Backend.allCases)
    func `C10: writes heed If-Match by strong comparison`(backend: Backend) async throws {
        try await APIServer.run(on: backend) { api in
            let path = try await api.client.create()
            let table = [
                ("\"1\"", 200), ("\"1\"", 412), ("\"2\"", 200), ("*", 200), ("W/\"4\"", 412), ("\"9\", \"4\"", 200),
                (", \"5\" ,,", 200), ("\"06\"", 412), ("\"x\"", 412), ("\"\"", 412), ("6", 400), ("\"6", 400),
                ("w/\"6\"", 400),
                ("\"6\" \"7\"", 400), ("*, \"6\"", 400), ("", 400), (",", 400), ("\"6\"x", 400),
                ("\"99999999999999999999\"", 412),
            ]
            for (tags, status) in table {
                let response = try await api.client.send("PUT", path, ["If-Match": tags], json: #"{"price":1}"#)
                #expect(response.status == status, "\(tags): \(response.text)")
            }
            for (tags, status) in [("\"1\"", 412), ("W/\"6\"", 412), ("x", 400)] {
                #expect(
                    try await api.client.send("PATCH", path, ["If-Match": tags], json: #"{"price":1}"#).status == status
                )
                #expect(try await api.client.send("DELETE", path, ["If-Match": tags]).status == status)
            }
            #expect(try await api.client.send("GET", path).header("ETag") == "\"6\"")
            #expect(try await api.client.send("DELETE", path, ["If-Match": "\"6\""]).status == 204)
            #expect(try await api.client.send("PUT", path, ["If-Match": "*"], json: #"{"price":1}"#).status == 404)
        }
    }

    @Test(arguments: Backend.allCases)
    func `C11: reads heed If-None-Match by weak comparison, and 304 carries the validators`(backend: Backend)
        async throws
    {
        try await APIServer.run(on: backend) { api in
            let path = try await api.client.create()
            for method in ["GET", "HEAD"] {
                for tags in ["\"1\"", "W/\"1\"", "*", "\"0\", W/\"1\"", "\"a,b\",\"1\""] {
                    let response = try await api.client.send(method, path, ["If-None-Match": tags])
                    #expect(response.status == 304, "\(tags)")
                    #expect(response.header("ETag") == "\"1\"" && response.header("Last-Modified") != nil)
                    #expect(response.body.isEmpty && response.header("Content-Type") == nil)
                }
                for tags in ["\"2\"", "\"01\"", "\"1,\""] {
                    #expect(try await api.client.send(method, path, ["If-None-Match": tags]).status == 200)
                }
                #expect(try await api.client.send(method, path, ["If-None-Match": "1"]).status == 400)
                #expect(try await api.client.send(method, path, ["If-Match": "\"2\""]).status == 412)
                #expect(try await api.client.send(method, path, ["If-Match": "\"1\""]).status == 200)
            }
        }
    }

    @Test func `C11: If-None-Match * forbids a write of what exists`() async throws {
        try await APIServer.run { api in
            let path = try await api.client.create()
            for (tags, status) in [("*", 412), ("\"1\"", 412), ("\"9\"", 200)] {
                #expect(
                    try await api.client.send("PUT", path, ["If-None-Match": tags], json: #"{"price":1}"#).status
                        == status)
            }
        }
    }

    @Test func `dates are heeded when no tag outranks them, and ignored when malformed`() async throws {
        let (at, before) = ("Tue, 14 Nov 2023 22:13:20 GMT", "Tue, 14 Nov 2023 22:13:19 GMT")
        try await APIServer.run { api in
            let path = try await api.client.create()
            #expect(try await api.client.send("GET", path, ["If-Modified-Since": at]).status == 304)
            #expect(try await api.client.send("GET", path, ["If-Modified-Since": before]).status == 200)
            for malformed in [
                "yesterday", "Tue, 14 Nov 2023 22:13:20", "Xxx, 14 Nov 2023 22:13:20 GMT",
                "Tue, 99 Nov 2023 22:13:20 GMT", "",
            ] {
                #expect(try await api.client.send("GET", path, ["If-Modified-Since": malformed]).status == 200)
            }
            for obsolete in ["Tuesday, 14-Nov-23 22:13:20 GMT", "Tue Nov 14 22:13:20 2023"] {
                #expect(
                    try await api.client.send("GET", path, ["If-Modified-Since": obsolete]).status == 304, "\(obsolete)"
                )
            }
            let old = ["If-Unmodified-Since": "Sun Nov  6 08:49:37 1994"]
            #expect(try await api.client.send("PUT", path, old, json: #"{"price":1}"#).status == 412)
            let both = ["If-Modified-Since": at, "If-None-Match": "\"2\""]
            #expect(try await api.client.send("GET", path, both).status == 200)
            #expect(try await api.client.send("GET", path, ["If-Unmodified-Since": before]).status == 412)
            let json = #"{"price":1}"#
            #expect(try await api.client.send("PUT", path, ["If-Unmodified-Since": before], json: json).status == 412)
            #expect(try await api.client.send("PUT", path, ["If-Unmodified-Since": at], json: json).status == 200)
            let outranked = ["If-Unmodified-Since": before, "If-Match": "\"2\""]
            #expect(try await api.client.send("PUT", path, outranked, json: json).status == 200)
        }
    }

    @Test(arguments: Backend.allCases)
    func `C12: of 50 concurrent patches with one tag exactly one wins`(backend: Backend) async throws {
        try await APIServer.run(on: backend) { api in
            let path = try await api.client.create()
            let responses = try await withThrowingTaskGroup(of: HTTPMessage.Response.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        try await api.client.send(
                            "PATCH", path, ["If-Match": "\"1\""], json: #"{"name":"N\#(number)"}"#)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let winners = responses.filter { $0.status == 200 }
            #expect(winners.count == 1 && responses.filter { $0.status == 412 }.count == 49)
            #expect(try await api.client.send("GET", path).text == winners.first?.text)
        }
    }
}
