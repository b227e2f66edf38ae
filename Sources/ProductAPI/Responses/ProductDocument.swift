// SPDX-License-Identifier: Apache-2.0

import Edge
import HTTPTypes
import Hummingbird
package import Products
package import StrictJSON

/// Writes products as JSON.
package enum ProductDocument {
    /// Writes one product. The price stands with both decimals, times as seconds since 1970.
    package static func write(_ product: Product, to json: inout JSONWriter) {
        json.object { json in
            json.name("id")
            json.string(product.id.description)
            json.name("name")
            json.string(product.name)
            json.name("description")
            json.string(product.description)
            json.name("price")
            json.verbatim(product.price.description)
            json.name("created_at")
            json.integer(product.createdAt.secondsSinceEpoch)
            json.name("updated_at")
            json.integer(product.updatedAt.secondsSinceEpoch)
            json.name("version")
            json.integer(product.version)
        }
    }

    static func response(for product: Product, status: HTTPResponse.Status) -> Response {
        var json = JSONWriter(reservingCapacity: 1024)
        write(product, to: &json)
        var headers = validators(of: product)
        headers[.contentType] = MediaType.json.name
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }

    /// A product in the form in which ``ProductReads`` answers with it.
    package static func encoded(_ product: Product) -> EncodedProduct {
        var json = JSONWriter(reservingCapacity: 256 + product.name.utf8.count + product.description.utf8.count)
        write(product, to: &json)
        return EncodedProduct(
            product, validators: FieldLines.encode(validators(of: product)).lines,
            fields: FieldLines.encode([.contentType: MediaType.json.name]).lines, document: json.bytes)
    }

    static func notModified(_ product: Product) -> Response {
        Response(status: .notModified, headers: validators(of: product))
    }

    /// The headers a client needs to ask again, with or without a body (RFC 9110 section 15.4.5).
    private static func validators(of product: Product) -> HTTPFields {
        [
            .eTag: EntityTag(version: product.version).description,
            .lastModified: HTTPDate.format(secondsSinceEpoch: product.updatedAt.secondsSinceEpoch),
            .cacheControl: "private, no-cache",
        ]
    }

    static func response(
        for page: ProductPage, of query: ProductQuery, parameters: ListParameters, nextCursor: String?
    ) -> Response {
        var offset = 0
        if case .offset(let count) = query.start { offset = count }
        var json = JSONWriter(reservingCapacity: 256 * (page.products.count + 1))
        json.object { json in
            json.name("products")
            json.array { json in
                for product in page.products { write(product, to: &json) }
            }
            json.name("limit")
            json.integer(query.limit)
            json.name("offset")
            json.integer(offset)
            if let nextCursor {
                json.name("next_cursor")
                json.string(nextCursor)
            }
        }
        var headers: HTTPFields = [.contentType: MediaType.json.name, .cacheControl: "private, no-cache"]
        if let nextCursor { headers[.link] = link(to: nextCursor, limit: query.limit, parameters: parameters) }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: json.bytes)))
    }

    /// A link to the next page (RFC 8288).
    private static func link(to cursor: String, limit: Int, parameters: ListParameters) -> String {
        let pairs = [("limit", String(limit))] + parameters.sent + [("cursor", cursor)]
        let query = pairs.map { "\($0.0)=\(percentEncoded($0.1))" }.joined(separator: "&")
        return "<\(ProductRoutes.collectionPath)?\(query)>; rel=\"next\""
    }

    /// Escapes all but the unreserved characters (RFC 3986 section 2.3).
    private static func percentEncoded(_ text: String) -> String {
        let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        let hexadecimal = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            if unreserved.contains(byte) {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 0xf)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
