// SPDX-License-Identifier: Apache-2.0

extension RedisClient {
    /// Reads a value; nil when the key does not exist (`GET`).
    public func get(_ key: RedisArgument, in session: RedisSession? = nil) async throws(RedisError) -> [UInt8]? {
        switch try await send(RedisCommand(.get, [key]), in: session) {
        case .bytes(let bytes): return bytes
        case .null: return nil
        default: throw Self.unexpected("GET")
        }
    }

    /// Reads the values of several keys, in their order; nil for each that does not exist (`MGET`).
    public func get(_ keys: [RedisArgument], in session: RedisSession? = nil) async throws(RedisError) -> [[UInt8]?] {
        if keys.isEmpty { return [] }
        guard case .array(let values) = try await send(RedisCommand(.mget, keys), in: session),
            values.count == keys.count
        else { throw Self.unexpected("MGET") }
        var found: [[UInt8]?] = []
        for value in values {
            switch value {
            case .bytes(let bytes): found.append(bytes)
            case .null: found.append(nil)
            default: throw Self.unexpected("MGET")
            }
        }
        return found
    }

    /// Sets a value, for as long as given (`SET … PX`).
    public func set(
        _ key: RedisArgument, to value: [UInt8], expiringAfter lifetime: Duration? = nil,
        in session: RedisSession? = nil
    ) async throws(RedisError) {
        let expiry = lifetime.map { [RedisArgument("PX"), RedisArgument($0.wholeMilliseconds)] } ?? []
        guard case .status = try await send(RedisCommand(.set, [key, RedisArgument(value)] + expiry), in: session)
        else { throw Self.unexpected("SET") }
    }

    /// Removes keys. Returns how many there were (`DEL`).
    @discardableResult
    public func delete(_ keys: [RedisArgument], in session: RedisSession? = nil) async throws(RedisError) -> Int {
        if keys.isEmpty { return 0 }
        guard case .integer(let count) = try await send(RedisCommand(.del, keys), in: session) else {
            throw Self.unexpected("DEL")
        }
        return Int(count)
    }

    /// Sends a message to all who have subscribed to a channel. Returns how many there were (`PUBLISH`).
    @discardableResult
    public func publish(_ message: [UInt8], to channel: RedisArgument) async throws(RedisError) -> Int {
        guard case .integer(let count) = try await send(RedisCommand(.publish, [channel, RedisArgument(message)]))
        else {
            throw Self.unexpected("PUBLISH")
        }
        return Int(count)
    }

    /// Asks whether the server answers (`PING`).
    public func ping() async throws(RedisError) { _ = try await send(RedisCommand(.ping)) }

    /// Runs a script by its digest (`EVALSHA`). A server that does not know it is sent it once, and asked again.
    public func run(
        _ script: RedisScript, keys: [RedisArgument], arguments: [RedisArgument] = [], in session: RedisSession? = nil
    ) async throws(RedisError) -> RedisReply {
        var digest = script.knownDigest
        if let digest {
            do {
                return try await send(Self.call(digest, keys, arguments), in: session)
            } catch {
                guard error.serverCode == "NOSCRIPT" else { throw error }
            }
        }
        guard
            case .bytes(let loaded) = try await send(
                RedisCommand(.script, ["LOAD", RedisArgument(script.source)]), in: session)
        else { throw Self.unexpected("SCRIPT LOAD") }
        digest = RedisArgument(loaded)
        script.knownDigest = digest
        return try await send(Self.call(RedisArgument(loaded), keys, arguments), in: session)
    }

    /// Runs a script and calls back with its reply, on the event loop of the connection. A server that does not know it
    /// is sent it once, and asked again.
    public func run(
        _ script: RedisScript, keys: [RedisArgument], arguments: [RedisArgument] = [],
        in session: RedisSession? = nil, _ completion: @escaping @Sendable (Result<RedisReply, RedisError>) -> Void
    ) {
        guard let digest = script.knownDigest else {
            return load(script, in: session) { loaded in
                switch loaded {
                case .success(let digest): self.send(Self.call(digest, keys, arguments), in: session, completion)
                case .failure(let error): completion(.failure(error))
                }
            }
        }
        send(Self.call(digest, keys, arguments), in: session) { result in
            guard case .failure(let error) = result, error.serverCode == "NOSCRIPT" else { return completion(result) }
            self.load(script, in: session) { loaded in
                switch loaded {
                case .success(let digest): self.send(Self.call(digest, keys, arguments), in: session, completion)
                case .failure(let error): completion(.failure(error))
                }
            }
        }
    }

    /// Runs a script whose reply nobody waits for. A server that does not know it is sent it once.
    public func post(
        _ script: RedisScript, keys: [RedisArgument], arguments: [RedisArgument] = [], in session: RedisSession? = nil
    ) {
        run(script, keys: keys, arguments: arguments, in: session) { _ in }
    }

    private func load(
        _ script: RedisScript, in session: RedisSession?,
        _ completion: @escaping @Sendable (Result<RedisArgument, RedisError>) -> Void
    ) {
        send(RedisCommand(.script, ["LOAD", RedisArgument(script.source)]), in: session) { result in
            switch result {
            case .success(.bytes(let loaded)):
                let digest = RedisArgument(loaded)
                script.knownDigest = digest
                completion(.success(digest))
            case .success: completion(.failure(Self.unexpected("SCRIPT LOAD")))
            case .failure(let error): completion(.failure(error))
            }
        }
    }

    static func call(_ digest: RedisArgument, _ keys: [RedisArgument], _ arguments: [RedisArgument]) -> RedisCommand {
        RedisCommand(.evalsha, [digest, RedisArgument(keys.count)] + keys + arguments)
    }

    private static func unexpected(_ command: String) -> RedisError {
        RedisError(.unexpectedReply, message: "not a reply to \(command)")
    }
}

extension Duration {
    /// In milliseconds, at least 1.
    var wholeMilliseconds: Int64 { max(1, Int64(self / .milliseconds(1))) }
}
