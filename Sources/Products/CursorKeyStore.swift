// SPDX-License-Identifier: Apache-2.0

/// Keeps the random key that cursors are signed with, so that a cursor holds on every replica and after a restart.
package protocol CursorKeyStore: Sendable {
    /// The key: 32 random bytes, made on first use, the same ever after.
    func cursorKey() async throws(ProductError) -> [UInt8]
}
