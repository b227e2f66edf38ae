// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
public import Logging
import Synchronization

/// Finds out where a request comes from, past the proxies that are trusted (``TrustedProxies``), for the limits and the
/// log.
///
/// Says once when a request has been through a proxy that is not trusted: all who come through it then count as one.
public final class ClientAddress: EdgeMiddleware {
    private let proxies: TrustedProxies
    private let logger: Logger
    private let hasWarned = Atomic(false)

    public init(proxies: TrustedProxies, logger: Logger) {
        self.proxies = proxies
        self.logger = logger
    }

    public func receive(_ exchange: inout Exchange) -> Verdict {
        guard let request = exchange.request, let peer = exchange.peer else { return .proceed }
        if proxies.isEmpty {
            if !hasWarned.load(ordering: .relaxed),
                request.contains(lowercased: "x-forwarded-for") || request.contains(lowercased: "forwarded")
            {
                warn(exchange)
            }
            return .proceed
        }
        let client = proxies.client(behind: peer, in: request)
        if client != peer {
            exchange.client = client
            exchange.clientAddress = client.description
        }
        return .proceed
    }

    private func warn(_ exchange: Exchange) {
        guard !hasWarned.exchange(true, ordering: .relaxed) else { return }
        exchange.withLogScope {
            logger.notice(
                "a request came with a forwarded address from a proxy that is not trusted: all of its clients are limited as one; name the proxy in TRUSTED_PROXIES",
                metadata: ["client.address": "\(exchange.peerAddress)"])
        }
    }
}
