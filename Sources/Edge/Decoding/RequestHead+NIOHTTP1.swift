// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore
import NIOHTTP1

extension RequestHead {
    /// - Parameter head: As NIO's decoder gives it. Nil when its method is no token.
    convenience init?(_ head: HTTPRequestHead) {
        guard let method = HTTPRequest.Method(nio: head.method) else { return nil }
        let target = RequestTarget(head.uri, allowsAsterisk: method == .options)
        let text = target?.originForm ?? head.uri
        let fields = HeaderFields(copying: head.headers.lazy.map { ($0.name, $0.value) }, and: text)
        let end = UInt32(fields.bytes.readableBytes)
        self.init(
            method: method, target: (end - UInt32(text.utf8.count))..<end, isValid: target != nil,
            minorVersion: head.version.minor,
            // No upgrade is made here, and NIO's decoder looks at nothing behind a request for one.
            isKeepAlive: head.isKeepAlive && !head.headers.contains(name: "upgrade"), fields: fields)
    }
}

extension HTTPRequest.Method {
    fileprivate init?(nio method: HTTPMethod) {
        switch method {
        case .GET: self = .get
        case .HEAD: self = .head
        case .POST: self = .post
        case .PUT: self = .put
        case .PATCH: self = .patch
        case .DELETE: self = .delete
        case .OPTIONS: self = .options
        default: self.init(method.rawValue)
        }
    }
}
