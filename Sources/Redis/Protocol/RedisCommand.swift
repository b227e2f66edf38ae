// SPDX-License-Identifier: Apache-2.0

/// A command as it is sent.
public struct RedisCommand: Sendable, Hashable {
    /// The command's name, such as `GET`.
    public let name: String
    public let arguments: [RedisArgument]
    let operation: RedisOperation

    /// - Parameter name: One word; of commands of two words, the second is the first argument.
    public init(_ name: String, _ arguments: [RedisArgument] = []) {
        self.init(RedisOperation(named: name), name: name, arguments)
    }

    init(_ operation: RedisOperation, _ arguments: [RedisArgument] = []) {
        self.init(operation, name: operation.name, arguments)
    }

    private init(_ operation: RedisOperation, name: String, _ arguments: [RedisArgument]) {
        self.operation = operation
        self.name = name
        self.arguments = arguments
    }

    /// An upper bound of its length on the wire, in bytes.
    var maximumWireByteCount: Int {
        arguments.reduce(RESPEncoding.lengthLineByteCount * 2 + name.utf8.count) {
            $0 + $1.bytes.count + RESPEncoding.lengthLineByteCount
        }
    }
}
