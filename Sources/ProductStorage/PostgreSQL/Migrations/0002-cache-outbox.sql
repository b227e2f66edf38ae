-- Notes of writes that caches must still be told of; empty but for moments.
create table cache_outbox (
    number bigint generated always as identity primary key,
    product_id uuid
);
