// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore

/// Puts the header section of an answer into the form it has on the wire (RFC 9112 section 4).
struct ResponseHeadEncoder {
    /// How the end of the body is told (RFC 9112 section 6.3).
    enum Framing: Equatable {
        /// There is no body, and there cannot be one.
        case none
        /// `Content-Length`. The answer to a `HEAD` tells the length and has no body all the same.
        case length(Int)
        /// `Transfer-Encoding: chunked`.
        case chunked
        /// The connection ends behind the body.
        case untilClose
    }

    /// What the connection is told about itself.
    enum Persistence: Equatable {
        /// HTTP/1.1 keeps a connection when nothing is said.
        case unsaid
        case keepAlive
        case close
    }

    let status: HTTPResponse.Status
    let framing: Framing
    let persistence: Persistence
    /// Fields that the middleware have asked for.
    let additionalLines: [UInt8]
    let date: [UInt8]

    private static let contentTypeOptions: StaticString = "X-Content-Type-Options: nosniff\r\n"
    private static let cacheControl: StaticString = "Cache-Control: no-store\r\n"

    /// Appends the header section with fields that are encoded already.
    func append(lines: ArraySlice<UInt8>, declared: DeclaredFields, to buffer: inout ByteBuffer) {
        appendStatusLine(to: &buffer)
        buffer.writeBytes(lines)
        appendOwnFields(declared: declared, to: &buffer)
    }

    /// Appends the header section with the fields of a responder.
    func append(_ fields: HTTPFields, to buffer: inout ByteBuffer) {
        appendStatusLine(to: &buffer)
        var declared: DeclaredFields = []
        for field in fields where !FieldLines.isOfConnection(field.name) {
            buffer.writeString(field.name.rawName)
            buffer.writeStaticString(": ")
            buffer.writeString(field.value)
            buffer.writeStaticString("\r\n")
            declared.formUnion(FieldLines.declaration(of: field.name))
        }
        appendOwnFields(declared: declared, to: &buffer)
    }

    private func appendStatusLine(to buffer: inout ByteBuffer) {
        if status == .ok {
            buffer.writeStaticString("HTTP/1.1 200 OK\r\n")
        } else {
            buffer.writeStaticString("HTTP/1.1 ")
            buffer.writeDecimal(status.code)
            buffer.writeStaticString(" ")
            buffer.writeString(status.reasonPhrase)
            buffer.writeStaticString("\r\n")
        }
    }

    private func appendOwnFields(declared: DeclaredFields, to buffer: inout ByteBuffer) {
        buffer.writeBytes(additionalLines)
        if !declared.contains(.date) { buffer.writeBytes(date) }
        if !declared.contains(.contentTypeOptions) { buffer.writeStaticString(Self.contentTypeOptions) }
        if !declared.contains(.cacheControl) { buffer.writeStaticString(Self.cacheControl) }
        switch framing {
        case .length(let length):
            buffer.writeStaticString("Content-Length: ")
            buffer.writeDecimal(length)
            buffer.writeStaticString("\r\n")
        case .chunked: buffer.writeStaticString("Transfer-Encoding: chunked\r\n")
        case .none, .untilClose: break
        }
        switch persistence {
        case .unsaid: break
        case .keepAlive: buffer.writeStaticString("Connection: keep-alive\r\n")
        case .close: buffer.writeStaticString("Connection: close\r\n")
        }
        buffer.writeStaticString("\r\n")
    }
}

extension ByteBuffer {
    /// Writes a number that is not negative, in decimal.
    mutating func writeDecimal(_ number: Int) {
        if number < 10 {
            writeInteger(UInt8(ascii: "0") + UInt8(number))
        } else {
            writeDecimal(number / 10)
            writeInteger(UInt8(ascii: "0") + UInt8(number % 10))
        }
    }
}
