// SPDX-License-Identifier: Apache-2.0

/// What a server answers, in the types of RESP2.
///
/// Source: the Redis serialization protocol specification, version 2.
public enum RedisReply: Sendable, Hashable {
    /// No value: a null bulk string or a null array.
    case null
    case integer(Int64)
    /// A simple string, such as `OK`.
    case status(String)
    /// A bulk string.
    case bytes([UInt8])
    case array([RedisReply])
    /// An error among the values of an array; one that is the whole reply is thrown as a ``RedisError``.
    case error(RedisError)
}
