-- sequence numbers the products in the order of their creation, whatever the clock said. Names are compared by their
-- bytes, which in UTF-8 is by Unicode scalars.
create table products (
    id uuid not null constraint products_pkey primary key,
    sequence bigint generated always as identity,
    name text collate "C" not null constraint products_name check (char_length(name) between 1 and 100),
    description text not null constraint products_description check (char_length(description) <= 500),
    price numeric(12, 2) not null constraint products_price check (price between 0.01 and 9999999999.99),
    created_at bigint not null,
    updated_at bigint not null,
    version bigint not null constraint products_version check (version >= 1)
);

-- One index for each order of the list.
create unique index products_by_sequence on products (sequence);
create index products_by_name on products (name, sequence);
create index products_by_price on products (price, sequence);

-- Holds the product as it was created, so that a replayed answer is the first answer whatever happened since.
create table idempotency_keys (
    caller text collate "C" not null,
    key text collate "C" not null,
    product_id uuid not null,
    name text not null,
    description text not null,
    price numeric(12, 2) not null,
    created_at bigint not null,
    primary key (caller, key)
);

create index idempotency_keys_by_age on idempotency_keys (created_at);

create table secrets (
    name text primary key,
    value bytea not null
);
