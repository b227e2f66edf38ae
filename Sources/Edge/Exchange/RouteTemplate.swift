// SPDX-License-Identifier: Apache-2.0

public import HTTPTypes

/// A path with named holes, and the methods it answers: `/api/v1/products/{id}`.
public struct RouteTemplate: Sendable, Hashable {
    /// What a path is for, which decides how its requests are logged and whether they may be refused for load.
    public enum Purpose: Sendable, Hashable {
        /// Clients.
        case service
        /// Probes and scrapes: logged at debug, never shed.
        case operation
    }

    /// The template, in OpenAPI's spelling.
    public var path: String { content.path }
    /// What it answers.
    public var methods: [HTTPRequest.Method] { content.methods }
    /// Who may use it.
    public var access: Access { content.access }
    /// What it is for.
    public var purpose: Purpose { content.purpose }

    // Behind one reference, as every exchange has its own copy.
    private let content: Content

    private final class Content: Sendable {
        let path: String
        let methods: [HTTPRequest.Method]
        let access: Access
        let purpose: Purpose
        let segments: [Segment]

        init(_ path: String, _ methods: [HTTPRequest.Method], _ access: Access, _ purpose: Purpose) {
            self.path = path
            self.methods = methods
            self.access = access
            self.purpose = purpose
            segments = path.split(separator: "/").map { $0.hasPrefix("{") ? .hole : .literal(Array($0.utf8)) }
        }
    }

    private enum Segment: Sendable, Hashable {
        case literal([UInt8])
        case hole
    }

    /// - Parameters:
    ///   - path: Literal segments, and named holes in braces: `/products/{id}`.
    ///   - methods: What it answers.
    ///   - access: Who may use it.
    public init(_ path: String, methods: [HTTPRequest.Method], access: Access, purpose: Purpose = .service) {
        content = Content(path, methods, access, purpose)
    }

    public static func == (left: RouteTemplate, right: RouteTemplate) -> Bool {
        left.path == right.path && left.methods == right.methods && left.access == right.access
            && left.purpose == right.purpose
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(path) }

    /// Whether a request's path is one of this template's. A slash at the end does not count, as in the router.
    public func matches(path: some StringProtocol) -> Bool {
        var path = String(path)
        return path.withUTF8 { matches($0) }
    }

    func matches(_ path: UnsafeBufferPointer<UInt8>) -> Bool {
        let slash = UInt8(ascii: "/")
        var position = 0
        for segment in content.segments {
            while position < path.count, path[position] == slash { position += 1 }
            let start = position
            while position < path.count, path[position] != slash { position += 1 }
            if start == position { return false }
            if case .literal(let bytes) = segment, !path[start..<position].elementsEqual(bytes) { return false }
        }
        return path[position...].allSatisfy { $0 == slash }
    }

    /// The `Allow` header: the methods, joined with commas (RFC 9110 section 10.2.1).
    public var allow: String { methods.map(\.rawValue).joined(separator: ", ") }
}
