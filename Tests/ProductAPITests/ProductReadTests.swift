// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import ProductStorage
import Products
import ServiceTesting
import Testing

@testable import Edge
@testable import ProductAPI

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

    /// How a request is answered.
    private enum Way: Equatable {
        case atOnce
        case byTask
        case byRouter
    }

    private func way(_ method: HTTPMethod, _ target: String, _ fields: HTTPHeaders, _ reads: ProductReads) -> Way? {
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: target, headers: fields)
        var exchange = Exchange(
            request: RequestHead(head), peerAddress: "", peer: nil, eventLoop: EmbeddedEventLoop(), receivedAt: .now())
        switch reads.receive(&exchange) {
        case .respond: return .atOnce
        case .work: return .byTask
        case .proceed: return .byRouter
        case .wait, .decide: return nil
        }
    }

    @Test func `are those of plain requests; the router answers the others`() async throws {
        let cache = CachedProductRepository(
            InMemoryProductRepository(), redis: nil, encode: ProductDocument.encoded, logger: APIServer.quiet)
        let catalogue = ProductCatalogue(repository: cache)
        let draft = try ProductDraft(name: "Laptop", description: "", price: Money(cents: 100))
        let (kept, other) = (try await catalogue.create(draft).id, try await catalogue.create(draft).id)
        _ = try await catalogue.product(withID: kept)
        let reads = ProductReads(catalogue: catalogue, near: cache)
        let path = "\(ProductRoutes.collectionPath)/\(kept)"
        let plain: [(HTTPMethod, String, HTTPHeaders)] = [
            (.GET, path, [:]), (.HEAD, path, [:]), (.GET, path + "?a=b", [:]), (.GET, path.uppercasedID, [:]),
            (.GET, path, ["Accept": "*/*"]), (.GET, path, ["accept": "application/json"]),
            (.GET, path, ["If-None-Match": "\"1\""]), (.GET, path, ["If-Match": "\"2\""]),
            (.GET, path, ["Content-Length": "0"]),
        ]
        for (method, target, fields) in plain {
            #expect(way(method, target, fields, reads) == .atOnce, "\(method) \(target) \(fields)")
            let elsewhere = target.lowercased().replacing(kept.description, with: other.description)
            #expect(way(method, elsewhere, fields, reads) == .byTask, "\(method) \(elsewhere) \(fields)")
        }
        let odd: [(HTTPMethod, String, HTTPHeaders)] = [
            (.POST, path, [:]), (.DELETE, path, [:]), (.OPTIONS, path, [:]), (.GET, path + "/", [:]),
            (.GET, path + "x", [:]), (.GET, String(path.dropLast()), [:]), (.GET, ProductRoutes.collectionPath, [:]),
            (.GET, "/api/v1/product%73/\(kept)", [:]), (.GET, path, ["Accept": "text/html"]),
            (.GET, path, HTTPHeaders([("Accept", "*/*"), ("Accept", "text/html")])),
            (.GET, path, ["If-None-Match": "1"]),
            (.GET, path, ["Content-Length": "1"]), (.GET, path, ["Transfer-Encoding": "chunked"]),
        ]
        for (method, target, fields) in odd {
            #expect(way(method, target, fields, reads) == .byRouter, "\(method) \(target) \(fields)")
        }
    }

    @Test(arguments: ["", "/x", "?a=b"], ["GET", "HEAD"])
    func `of what there is not are what the router answers, too`(suffix: String, method: String) async throws {
        try await APIServer.run(on: .near) { api in
            let path = "\(APIClient.products)/0196c3a5-0000-7000-8000-00000000ABCD\(suffix)"
            for _ in 0..<2 {
                let atEdge = try await api.client.send(method, path)
                let byRouter = try await api.client.send(method, path, ["Accept": "application/json;q=0.9"])
                #expect(atEdge.status == 404 && byRouter.status == 404)
                #expect(atEdge.body == byRouter.body)
                // The first one finds nothing in the cache, and those behind it what it has left there.
                #expect(
                    fields(of: atEdge).filter { $0.key != "cache-status" }
                        == fields(of: byRouter).filter { $0.key != "cache-status" })
            }
        }
    }
}

extension String {
    /// The last part of the path in upper case.
    fileprivate var uppercasedID: String {
        guard let slash = lastIndex(of: "/") else { return self }
        return self[...slash] + self[slash...].dropFirst().uppercased()
    }
}
