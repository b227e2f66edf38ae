// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProductsTesting
import ServiceTesting
import Testing

@Suite struct `Request bodies` {
    @Test(arguments: [
        "", " ", "{", "}", "nul", "{\"name\"}", "{\"name\":\"a\",}", "{'name':'a'}", "[1,]", "{\"price\":01}",
        "{\"price\":1.}",
        "{\"price\":.5}", "{\"price\":+1}", "{\"price\":NaN}", "{\"price\":Infinity}", "{\"price\":-Infinity}",
        "{\"name\":\"a\",\"price\":1} x", "{\"name\":\"a\",\"price\":1}{}", "{\"name\":\"\\ud800\",\"price\":1}",
        "{\"name\":\"\\udc00\\ud800\",\"price\":1}", "{\"name\":\"\\x\",\"price\":1}",
        "{\"name\":\"a\nb\",\"price\":1}",
        "\u{feff}{\"name\":\"a\",\"price\":1}", "{\"name\":\"a\",\"name\":\"a\",\"price\":1}",
        "{\"price\":1,\"name\":\"a\",\"n\\u0061me\":\"b\"}", "{\"name\":\"a\",\"price\":1}\u{0}",
        "/*c*/{\"name\":\"a\",\"price\":1}",
    ])
    func `C1: malformed JSON is a 400 that says where`(text: String) async throws {
        try await APIServer.run { api in
            let response = try await api.client.send("POST", APIClient.products, json: text)
            #expect(response.status == 400)
            #expect(try response.member("type") == "/problems/malformed-json")
            #expect(try response.member("detail", as: String.self).contains(#/at line \d+, column \d+/#))
            #expect(try await api.repository.list(.init()).products.isEmpty)
        }
    }

    @Test func `C1: bytes that are not UTF-8 are a 400`() async throws {
        let utf16 = Array("{\"name\":\"a\",\"price\":1}".utf16)
        let bodies: [[UInt8]] = [
            Array("{\"name\":\"".utf8) + [0xff] + Array("\",\"price\":1}".utf8),
            Array("{\"name\":\"".utf8) + [0xc0, 0x80] + Array("\",\"price\":1}".utf8),
            Array("{\"name\":\"".utf8) + [0xed, 0xa0, 0x80] + Array("\",\"price\":1}".utf8),
            [0xfe, 0xff] + utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] },
            [0xff, 0xfe] + utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] },
            utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] },
        ]
        try await APIServer.run { api in
            for body in bodies {
                let headers = ["Content-Type": "application/json"]
                let response = try await api.client.send("POST", APIClient.products, headers, body: body)
                #expect(response.status == 400)
                #expect(try response.member("type") == "/problems/malformed-json")
            }
        }
    }

    @Test func `C2: deep, wide and long bodies are refused before they cost much`() async throws {
        let bodies = [
            (String(repeating: "[", count: 100_000), 400),
            (String(repeating: "{\"a\":", count: 100_000), 400),
            ("{" + (0..<90_000).map { "\"k\($0)\":1" }.joined(separator: ",") + "}", 400),
            ("{\"name\":\"a\",\"price\":" + String(repeating: "1", count: 1_000_000) + "}", 400),
            ("{\"name\":\"" + String(repeating: "a", count: 10_000_000) + "\",\"price\":1}", 413),
            ("{\"name\":\"" + String(repeating: "a", count: 1_000_000) + "\",\"price\":1}", 400),
        ]
        try await APIServer.run { api in
            for (body, status) in bodies {
                let response = try await api.client.send("POST", APIClient.products, json: body)
                #expect(response.status == status, "\(body.prefix(20)): \(response.text)")
            }
            #expect(try await api.client.send("GET", "/health").status == 200)
        }
    }

    @Test func `C2: a body without an announced length is refused at the limit`() async throws {
        try await APIServer.run(maximumBodyByteCount: 4096) { api in
            let connection = try await HTTPConnection.connect(to: api.client.port)
            try await connection.send(
                "POST \(APIClient.products) HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<3 { try await connection.send("800\r\n" + String(repeating: " ", count: 2048) + "\r\n") }
            try await connection.send("0\r\n\r\n")
            #expect(try await connection.receive().status == 413)
            await connection.close()
            let exact = #"{"name":"a","price":1}"#
            let padded = exact + String(repeating: " ", count: 4096 - exact.utf8.count)
            #expect(try await api.client.send("POST", APIClient.products, json: padded).status == 201)
            #expect(try await api.client.send("POST", APIClient.products, json: padded + " ").status == 413)
        }
    }

    @Test func `C1: a body that is not framed as HTTP says is a 400, and creates nothing`() async throws {
        try await APIServer.run { api in
            for chunks in ["zz\r\n", "5\r\n{\"naXX", "2\r\n{}xx"] {
                let connection = try await HTTPConnection.connect(to: api.client.port)
                try await connection.send(
                    "POST \(APIClient.products) HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n\(chunks)")
                try await connection.closeOutput()
                #expect(try await connection.receive().status == 400)
                await connection.close()
            }
            #expect(try await api.repository.list(.init()).products.isEmpty)
        }
    }

    @Test func `C3: only JSON in UTF-8 is read, and the answer says so`() async throws {
        let json = Array(#"{"name":"a","price":1}"#.utf8)
        try await APIServer.run { api in
            let good = ["application/json", "Application/JSON; charset=utf-8", "application/json;charset=\"UTF-8\""]
            for type in good {
                let response = try await api.client.send("POST", APIClient.products, ["Content-Type": type], body: json)
                #expect(response.status == 201, "\(type)")
            }
            let bad = [
                "text/plain", "application/json; charset=utf-16", "application/xml", "application/merge-patch+json",
                "json", "",
                "application/x-www-form-urlencoded", "application/json, text/plain",
            ]
            for type in bad {
                let response = try await api.client.send("POST", APIClient.products, ["Content-Type": type], body: json)
                #expect(response.status == 415, "\(type)")
                #expect(response.header("Accept-Post") == "application/json")
            }
            #expect(try await api.client.send("POST", APIClient.products, body: json).status == 415)
            let path = try await api.client.create()
            let patch = try await api.client.send("PATCH", path, ["Content-Type": "text/plain"], body: json)
            #expect(patch.status == 415)
            #expect(patch.header("Accept-Patch") == "application/json, application/merge-patch+json")
            let put = try await api.client.send(
                "PUT", path, ["Content-Type": "application/merge-patch+json"], body: json)
            #expect(put.status == 415)
            let coded = try await api.client.send(
                "POST", APIClient.products, ["Content-Type": "application/json", "Content-Encoding": "gzip"], body: json
            )
            #expect(coded.status == 415 && coded.header("Accept-Encoding") == "identity")
        }
    }

    @Test(arguments: Backend.allCases)
    func `C5: members that are unknown or not the client's to set are refused, all at once`(backend: Backend)
        async throws
    {
        try await APIServer.run(on: backend) { api in
            let path = try await api.client.create()
            let before = try await api.client.send("GET", path).text
            for member in ["id", "version", "created_at", "updated_at", "tenant", "Name", "a/b~c", "__proto__"] {
                let json = #"{"name":"b","price":2,"\#(member)":1}"#
                for (method, target) in [("POST", APIClient.products), ("PUT", path), ("PATCH", path)] {
                    let response = try await api.client.send(method, target, json: json)
                    #expect(response.status == 400)
                    let errors: [[String: String]] = try response.member("errors")
                    let pointer = "/" + member.replacing("~", with: "~0").replacing("/", with: "~1")
                    #expect(errors.map { $0["pointer"] } == [pointer])
                }
            }
            #expect(try await api.client.send("GET", path).text == before)
            let many = try await api.client.send(
                "POST", APIClient.products, json: #"{"name":7,"price":"1","description":null,"x":1}"#)
            let errors: [[String: String]] = try many.member("errors")
            #expect(errors.compactMap { $0["pointer"] } == ["/x", "/name", "/description", "/price"])
            let missing = try await api.client.send("POST", APIClient.products, json: "{}")
            let required: [[String: String]] = try missing.member("errors")
            #expect(required.compactMap { $0["pointer"] } == ["/name", "/price"])
            #expect(try await api.client.send("POST", APIClient.products, json: "[]").status == 400)
        }
    }

    @Test(arguments: Backend.allCases)
    func `C7: prices are exact, and those that are not amounts are refused`(backend: Backend) async throws {
        let good = [
            ("0.01", "0.01"), ("10", "10.00"), ("1299.99", "1299.99"), ("1e2", "100.00"), ("1.5E+1", "15.00"),
            ("12.340", "12.34"),
            ("9999999999.99", "9999999999.99"), ("0.1", "0.10"), ("1000000000e-3", "1000000.00"), ("4.35", "4.35"),
        ]
        let bad = [
            "0", "-0", "0.00", "-1", "0.001", "1e-400", "1e400", "1.999", "10000000000", "9999999999.991", "1e10",
            "18446744073709551617", "\"1\"", "\"1,50\"", "true", "null", "[]", "1e-3", "-0.01",
        ]
        try await APIServer.run(on: backend) { api in
            for (sent, shown) in good {
                let path = try await api.client.create(#"{"name":"a","price":\#(sent)}"#)
                let text = try await api.client.send("GET", path).text
                #expect(text.contains(#""price":\#(shown),"#), "\(sent): \(text)")
            }
            for sent in bad {
                let response = try await api.client.send(
                    "POST", APIClient.products, json: #"{"name":"a","price":\#(sent)}"#)
                #expect(response.status == 400, "\(sent)")
                let errors: [[String: String]] = try response.member("errors")
                #expect(errors.map { $0["pointer"] } == ["/price"])
            }
            let comma = try await api.client.send("POST", APIClient.products, json: #"{"name":"a","price":1,50}"#)
            #expect(comma.status == 400)
        }
    }

    @Test func `names and descriptions are measured in scalars and hold no control characters`() async throws {
        try await APIServer.run { api in
            let good = [
                String(repeating: "é", count: 100), String(repeating: "👩‍👧", count: 33), "line\\nbreak\\ttab", "\\u2028",
                "'; drop table products;--",
            ]
            for name in good { _ = try await api.client.create(#"{"name":"\#(name)","price":1}"#) }
            let bad = [
                "", String(repeating: "e\u{301}", count: 51), "\\r\\n", "\\u0000", "\\u007f", "\\u0085", "a\\u001b[31m",
            ]
            for name in bad {
                let response = try await api.client.send(
                    "POST", APIClient.products, json: #"{"name":"\#(name)","price":1}"#)
                #expect(response.status == 400, "\(name)")
            }
            let long = String(repeating: "d", count: 500)
            _ = try await api.client.create(#"{"name":"a","description":"\#(long)","price":1}"#)
            let tooLong = #"{"name":"a","description":"\#(long)d","price":1}"#
            #expect(try await api.client.send("POST", APIClient.products, json: tooLong).status == 400)
        }
    }
}
