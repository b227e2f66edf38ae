// SPDX-License-Identifier: Apache-2.0

import Products

extension RepositoryContract {
    private static let later = Timestamp(secondsSinceEpoch: 1_700_000_100)

    static let concurrency = [
        RepositoryContract("of 50 concurrent updates of one version exactly one wins") { repository in
            let product = try await repository.create(ProductFixtures.product(), idempotencyKey: nil)
            let outcomes = await withTaskGroup(of: Result<Product, any Error>.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        do {
                            let changes = try ProductChanges(name: "Desk \(number)")
                            return .success(
                                try await repository.update(product.id, with: changes, if: .version(in: [1]), at: later)
                            )
                        } catch {
                            return .failure(error)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let winners = outcomes.compactMap { try? $0.get() }
            try require(winners.count == 1, "\(winners.count) won")
            for case .failure(let error) in outcomes {
                try require(error as? ProductError == .conditionFailed, "\(error)")
            }
            try require(try await repository.product(withID: product.id) == winners.first)
        },
        RepositoryContract("50 concurrent updates without a condition all happen, one after the other") { repository in
            let product = try await repository.create(ProductFixtures.product(), idempotencyKey: nil)
            let versions = try await withThrowingTaskGroup(of: Int64.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        let changes = try ProductChanges(name: "Desk \(number)")
                        return try await repository.update(product.id, with: changes, if: .exists, at: later).version
                    }
                }
                return try await group.reduce(into: Set<Int64>()) { $0.insert($1) }
            }
            try require(versions == Set(2...51), "\(versions.sorted())")
        },
    ]
}
