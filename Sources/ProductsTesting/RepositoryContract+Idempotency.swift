// SPDX-License-Identifier: Apache-2.0

import Products

extension RepositoryContract {
    private static func key(_ value: String = "key-1", of caller: String = "alice") throws -> IdempotencyKey {
        try IdempotencyKey(caller: Caller(subject: caller), value: value)
    }

    static let idempotency = [
        RepositoryContract("a repeated key replays the first product, as it was") { repository in
            let first = try await repository.create(ProductFixtures.product(), idempotencyKey: key())
            let changes = try ProductChanges(name: "Changed since")
            _ = try await repository.update(
                first.id, with: changes, if: .exists, at: Timestamp(secondsSinceEpoch: 1_700_000_100))
            let second = try await repository.create(ProductFixtures.product(), idempotencyKey: key())
            try require(second == first, "\(second)")
            try await repository.delete(first.id, if: .exists)
            let third = try await repository.create(ProductFixtures.product(), idempotencyKey: key())
            try require(third == first)
            try require(try await repository.list(ProductQuery()).products.isEmpty)
        },
        RepositoryContract("a repeated key with another draft is refused, also one that only looks the same") {
            repository in
            let first = ProductFixtures.product(name: "e\u{301}")
            _ = try await repository.create(first, idempotencyKey: key())
            for other in [ProductFixtures.product(name: "Desk"), ProductFixtures.product(name: "\u{e9}")] {
                try await requireError(.idempotencyKeyReused) { () throws(ProductError) in
                    try await repository.create(
                        other,
                        idempotencyKey: IdempotencyKey(
                            caller: Caller(subject: "alice"), value: "key-1"))
                }
            }
            try require(try await repository.list(ProductQuery()).products == [first])
        },
        RepositoryContract("the same key of another caller is another key") { repository in
            let first = try await repository.create(ProductFixtures.product(), idempotencyKey: key(of: "alice"))
            let second = try await repository.create(ProductFixtures.product(), idempotencyKey: key(of: "bob"))
            try require(first.id != second.id)
        },
        RepositoryContract("a key is forgotten after 24 hours, not before") { repository in
            let start: Int64 = 1_700_000_000
            let day = IdempotencyKey.lifetimeInSeconds
            let first = try await repository.create(ProductFixtures.product(createdAt: start), idempotencyKey: key())
            let replay = ProductFixtures.product(createdAt: start + day - 1)
            try require(try await repository.create(replay, idempotencyKey: key()) == first)
            let late = ProductFixtures.product(createdAt: start + day)
            try require(try await repository.create(late, idempotencyKey: key()) == late)
            let replayOfLate = ProductFixtures.product(createdAt: start + day + 1)
            try require(try await repository.create(replayOfLate, idempotencyKey: key()) == late)
        },
        RepositoryContract("a failed creation does not use its key up") { repository in
            let taken = try await repository.create(ProductFixtures.product(), idempotencyKey: nil)
            try await requireError(.alreadyExists(taken.id)) { () throws(ProductError) in
                try await repository.create(
                    taken,
                    idempotencyKey: IdempotencyKey(
                        caller: Caller(subject: "alice"), value: "key-1"))
            }
            let product = ProductFixtures.product(name: "Another")
            try require(try await repository.create(product, idempotencyKey: key()) == product)
        },
        RepositoryContract("100 concurrent creations with one key make one product") { repository in
            let ids = try await withThrowingTaskGroup(of: ProductID.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        try await repository.create(ProductFixtures.product(), idempotencyKey: key()).id
                    }
                }
                return try await group.reduce(into: Set<ProductID>()) { $0.insert($1) }
            }
            try require(ids.count == 1)
            try require(try await repository.list(ProductQuery()).products.map(\.id) == Array(ids))
        },
    ]
}
