// SPDX-License-Identifier: Apache-2.0

import Products

extension RepositoryContract {
    private static let later = Timestamp(secondsSinceEpoch: 1_700_000_100)

    static let oneProduct = [
        RepositoryContract("a created product is read back as it was") { repository in
            let product = ProductFixtures.product()
            let created = try await repository.create(product, idempotencyKey: nil)
            try require(created == product)
            let read = try await repository.product(withID: product.id)
            try require(read == product, "\(read)")
        },
        RepositoryContract("text is kept to the last scalar") { repository in
            let texts = [
                "e\u{301}", "\u{e9}", "👩‍👩‍👧‍👦", "\u{200f}עברית", "日本語\n\ttext", "\u{fffd}\u{10ffff}",
                "'; drop table products;--",
                "%_\\", "\u{2028}",
            ]
            for text in texts {
                let product = ProductFixtures.product(name: text, description: text)
                _ = try await repository.create(product, idempotencyKey: nil)
                let read = try await repository.product(withID: product.id)
                try require(read.name.unicodeScalars.elementsEqual(text.unicodeScalars), text)
                try require(read.description.unicodeScalars.elementsEqual(text.unicodeScalars), text)
            }
        },
        RepositoryContract("the longest fields and the largest price are kept") { repository in
            let product = ProductFixtures.product(
                name: String(repeating: "𝒳", count: 100), description: String(repeating: "𝒳", count: 500),
                cents: Money.maximum.cents)
            _ = try await repository.create(product, idempotencyKey: nil)
            try require(try await repository.product(withID: product.id) == product)
        },
        RepositoryContract("an id is taken once") { repository in
            let product = ProductFixtures.product()
            _ = try await repository.create(product, idempotencyKey: nil)
            try await requireError(.alreadyExists(product.id)) { () throws(ProductError) in
                try await repository.create(product, idempotencyKey: nil)
            }
        },
        RepositoryContract("a product that is not there is not found") { repository in
            let id = ProductFixtures.unusedID()
            let changes = try ProductChanges(name: "Desk")
            try await requireError(.notFound(id)) { () throws(ProductError) in try await repository.product(withID: id)
            }
            try await requireError(.notFound(id)) { () throws(ProductError) in
                try await repository.update(id, with: changes, if: .exists, at: later)
            }
            try await requireError(.notFound(id)) { () throws(ProductError) in
                try await repository.delete(id, if: .exists)
            }
        },
        RepositoryContract("an update changes the given fields, the version and the time") { repository in
            let product = try await repository.create(ProductFixtures.product(), idempotencyKey: nil)
            let changes = try ProductChanges(price: Money(cents: 100))
            let updated = try await repository.update(product.id, with: changes, if: .exists, at: later)
            try require(updated == product.applying(changes, at: later))
            try require(updated.version == 2 && updated.updatedAt == later && updated.createdAt == product.createdAt)
            try require(try await repository.product(withID: product.id) == updated)
        },
        RepositoryContract("the time of update never goes back") { repository in
            let product = try await repository.create(ProductFixtures.product(), idempotencyKey: nil)
            let earlier = Timestamp(secondsSinceEpoch: 1)
            let changes = try ProductChanges(name: "Desk")
            let updated = try await repository.update(product.id, with: changes, if: .exists, at: earlier)
            try require(updated.updatedAt == product.updatedAt)
        },
        RepositoryContract("a write whose condition fails changes nothing") { repository in
            let product = try await repository.create(ProductFixtures.product(), idempotencyKey: nil)
            let changes = try ProductChanges(name: "Desk")
            let failing: [WriteCondition] = [
                .version(in: []), .version(in: [2, 3]), .otherVersion(than: [1]), .isAbsent,
                .unmodified(since: Timestamp(secondsSinceEpoch: 1)), .all([.exists, .version(in: [2])]),
            ]
            for condition in failing {
                try await requireError(.conditionFailed) { () throws(ProductError) in
                    try await repository.update(product.id, with: changes, if: condition, at: later)
                }
                try await requireError(.conditionFailed) { () throws(ProductError) in
                    try await repository.delete(product.id, if: condition)
                }
            }
            try require(try await repository.product(withID: product.id) == product)
        },
        RepositoryContract("a deleted product is gone for good") { repository in
            let product = try await repository.create(ProductFixtures.product(), idempotencyKey: nil)
            try await repository.delete(product.id, if: .version(in: [1, 7]))
            try await requireError(.notFound(product.id)) { () throws(ProductError) in
                try await repository.product(withID: product.id)
            }
            try require(try await repository.list(ProductQuery()).products.isEmpty)
        },
    ]
}
