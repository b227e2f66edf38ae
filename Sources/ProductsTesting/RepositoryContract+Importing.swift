// SPDX-License-Identifier: Apache-2.0

import Products

extension RepositoryContract {
    static let importing = [
        RepositoryContract("a batch is added in its order, without the products whose id is taken") { repository in
            let present = try await repository.create(ProductFixtures.product(name: "Present"), idempotencyKey: nil)
            let new = (0..<5).map { ProductFixtures.product(name: "New \($0)") }
            let clash = ProductFixtures.product(id: present.id, name: "Clash")
            let taken = try await repository.insert([new[0], clash, new[1], new[2], new[1], new[3], new[4]])
            try require(taken.sorted { "\($0)" < "\($1)" } == [present.id, new[1].id].sorted { "\($0)" < "\($1)" })
            let all = try await repository.list(ProductQuery(order: .oldestFirst))
            try require(all.products == [present] + new, "\(all.products.map(\.name))")
        },
        RepositoryContract("the cursor key is 32 bytes and stays the same") { repository in
            let key = try await repository.cursorKey()
            try require(key.count == 32 && Set(key).count > 1)
            try require(try await repository.cursorKey() == key)
        },
    ]
}
