// SPDX-License-Identifier: Apache-2.0

public import HTTPTypes

/// A request's line and header fields, as they came.
///
/// They stay in the bytes that they came in; what is asked for is looked up there. Immutable and thread-safe.
public final class RequestHead: Sendable {
    /// The method, as it came: methods are case-sensitive.
    public let method: HTTPRequest.Method
    /// Whether the target is one that is served (RFC 9112 section 3.2).
    public let hasValidTarget: Bool
    /// The minor version of HTTP/1: 0 or 1.
    public let minorVersion: Int

    let fields: HeaderFields
    let isKeepAlive: Bool
    private let targetPlace: Range<UInt32>
    private let pathPlace: Range<UInt32>

    /// - Parameters:
    ///   - fields: Whose bytes hold the target, too.
    ///   - target: Where it stands among them, without a scheme and an authority.
    init(
        method: HTTPRequest.Method, target: Range<UInt32>, isValid: Bool, minorVersion: Int, isKeepAlive: Bool,
        fields: HeaderFields
    ) {
        self.method = method
        hasValidTarget = isValid
        self.minorVersion = minorVersion
        self.isKeepAlive = isKeepAlive
        self.fields = fields
        targetPlace = target
        let pathByteCount = fields.withBytes(at: target) { target in
            target.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? target.count
        }
        pathPlace = target.lowerBound..<(target.lowerBound + UInt32(pathByteCount))
    }

    /// The request target without a scheme and an authority: the path, with the query behind it if there is one. As it
    /// came when ``hasValidTarget`` is false.
    public var target: String { fields.text(at: targetPlace) }

    var targetByteCount: Int { targetPlace.count }

    /// The path of the target, without the query.
    public var path: Substring { Substring(fields.text(at: pathPlace)) }

    /// The bytes of the path, as long as `body` runs.
    @inline(__always)
    package func withPath<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        fields.withBytes(at: pathPlace, body)
    }
}

// MARK: - Fields

extension RequestHead {
    /// The first value of a field, without white space around it; nil when it does not stand in the request.
    public subscript(name: HTTPField.Name) -> String? { value(ofLowercased: name.canonicalName) }

    private func value(ofLowercased name: String) -> String? { fields.find(name).map { fields.text(at: $0.first) } }

    /// Runs `body` on the bytes of a field's first value; nil when it does not stand in the request.
    @inline(__always)
    func withValue<Result>(ofLowercased name: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result? {
        fields.find(name).map { fields.withBytes(at: $0.first, body) }
    }

    /// Runs `body` on the bytes of a field that stands once; nil when it does not, or several times.
    @inline(__always)
    func withOnlyValue<Result>(
        ofLowercased name: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result?
    ) -> Result? {
        guard let (place, count) = fields.find(name), count == 1 else { return nil }
        return fields.withBytes(at: place, body)
    }

    /// Whether there is a line of a field.
    func contains(lowercased name: String) -> Bool { fields.find(name) != nil }

    /// The value of a field that stands once; nil when it does not, or several times.
    func only(ofLowercased name: String) -> String? {
        guard let (place, count) = fields.find(name), count == 1 else { return nil }
        return fields.text(at: place)
    }

    /// The values of a field, in order.
    func values(ofLowercased name: String) -> [String] {
        fields.places.compactMap { place in
            let isIt = fields.text(at: place.name).lowercased() == name
            return isIt ? fields.text(at: place.value) : nil
        }
    }

    /// The values of a field, joined with commas (RFC 9110 section 5.3); nil when it does not stand in the request.
    package func joined(_ name: HTTPField.Name) -> String? { joined(ofLowercased: name.canonicalName) }

    func joined(ofLowercased name: String) -> String? {
        guard let (first, count) = fields.find(name) else { return nil }
        return count == 1 ? fields.text(at: first) : values(ofLowercased: name).joined(separator: ",")
    }

    /// The first `Host`, which HTTP's newer versions know under another name.
    var host: String? { value(ofLowercased: "host") }

    var expectsContinue: Bool { minorVersion > 0 && contains(lowercased: "expect") }

    /// How many lines of a field there are.
    func count(of name: HTTPField.Name) -> Int { fields.find(name.canonicalName)?.count ?? 0 }

    /// How the end of the request's body is told (RFC 9112 section 6.3).
    package enum BodyLength: Equatable {
        case told(Int)
        /// By the last chunk.
        case chunked
        /// In a way that cannot be counted with.
        case invalid
    }

    package var bodyLength: BodyLength {
        if contains(lowercased: "transfer-encoding") { return .chunked }
        guard let length = value(ofLowercased: "content-length") else { return .told(0) }
        return Int(length).flatMap { $0 < 0 ? nil : .told($0) } ?? .invalid
    }
}
