// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A script in Lua that the server runs as one step. It is sent once; after that its digest is enough. Thread-safe.
///
/// Make one for each script and keep it.
public final class RedisScript: Sendable {
    /// The script's text. Its keys are `KEYS`, its arguments `ARGV`; arrays it returns may nest seven deep.
    public let source: String

    /// What the server calls it; nil before it was first sent.
    private let digest = Mutex<RedisArgument?>(nil)

    public init(_ source: String) { self.source = source }

    var knownDigest: RedisArgument? {
        get { digest.withLock { $0 } }
        set { digest.withLock { $0 = newValue } }
    }
}
