// SPDX-License-Identifier: Apache-2.0

import Foundation

/// HTTP/1.1 messages as tests write and read them.
package enum HTTPMessage {
    package struct Request: Sendable {
        package var method: String
        package var target: String
        package var headers: [(name: String, value: String)]
        package var body: [UInt8]?

        package init(
            _ method: String, _ target: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil
        ) {
            self.method = method
            self.target = target
            self.headers = headers
            self.body = body
        }

        package var bytes: [UInt8] {
            var text = "\(method) \(target) HTTP/1.1\r\n"
            if !headers.contains(where: { $0.name.lowercased() == "host" }) { text += "Host: localhost\r\n" }
            for header in headers { text += "\(header.name): \(header.value)\r\n" }
            if let body { text += "Content-Length: \(body.count)\r\n" }
            return Array(text.utf8) + [13, 10] + (body ?? [])
        }
    }

    package struct Response: Sendable {
        package let status: Int
        /// The values by name in lower case, in order.
        package let headers: [String: [String]]
        package var body: [UInt8] = []

        package init(head: String) throws {
            let lines = head.components(separatedBy: "\r\n").filter { !$0.isEmpty }
            let parts = lines.first?.split(separator: " ") ?? []
            guard parts.count >= 2, parts[0] == "HTTP/1.1", let status = Int(parts[1]) else {
                throw HTTPConnection.Failure.malformed(head)
            }
            self.status = status
            var headers: [String: [String]] = [:]
            for line in lines.dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { throw HTTPConnection.Failure.malformed(line) }
                let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                headers[line[..<colon].lowercased(), default: []].append(value)
            }
            self.headers = headers
        }

        /// Reads responses that follow each other, all of them up to the last byte.
        ///
        /// - Parameter bodiless: Which of them, counted from 0, answer a `HEAD`.
        package static func all(in bytes: [UInt8], bodiless: Set<Int> = []) throws -> [Response] {
            var responses: [Response] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                guard let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) else {
                    throw HTTPConnection.Failure.malformed(String(decoding: rest, as: UTF8.self))
                }
                var response = try Response(head: String(decoding: rest[..<end.lowerBound], as: UTF8.self))
                rest = rest[end.upperBound...]
                let isHead = bodiless.contains(responses.count { $0.status >= 200 })
                if !isHead, response.mayHaveBody { response.body = try body(of: response, from: &rest) }
                responses.append(response)
            }
            return responses
        }

        private var mayHaveBody: Bool { status >= 200 && status != 204 && status != 304 }

        private static func body(of response: Response, from rest: inout ArraySlice<UInt8>) throws -> [UInt8] {
            guard let length = response.headers["content-length"]?.first.flatMap({ Int($0) }), rest.count >= length
            else { throw HTTPConnection.Failure.malformed("no length, or not the body it tells") }
            defer { rest = rest.dropFirst(length) }
            return Array(rest.prefix(length))
        }

        package func header(_ name: String) -> String? { headers[name.lowercased()]?.joined(separator: ", ") }

        package var text: String { String(decoding: body, as: UTF8.self) }

        /// The body read as JSON by another parser than the one under test.
        package func json() throws -> Any {
            try JSONSerialization.jsonObject(with: Data(body), options: [.fragmentsAllowed])
        }

        /// A member of the body, which is an object.
        package func member<Value>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
            guard let value = (try json() as? [String: Any])?[name] as? Value else {
                throw HTTPConnection.Failure.malformed("no \(name) in \(text)")
            }
            return value
        }
    }
}
