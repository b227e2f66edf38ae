// SPDX-License-Identifier: Apache-2.0

//! A Rust peer for side-by-side measurements: the product service's read and create paths on hyper, with the same chain
//! (JWT HS256, token bucket per subject, Prometheus histogram, traceparent, one JSON log line a request to stderr).
//!
//! MODE=mem  in-memory store          MODE=pg  PostgreSQL through tokio-postgres (DATABASE_URL in key=value form)
use hyper::service::{make_service_fn, service_fn};
use hyper::{header, Body, Method, Request, Response, Server};
use jsonwebtoken::{decode, Algorithm, DecodingKey, Validation};
use parking_lot::{Mutex, RwLock};
use prometheus::{Encoder, HistogramOpts, HistogramVec, TextEncoder};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::convert::Infallible;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

#[derive(Serialize, Deserialize, Clone)]
struct Product {
    #[serde(default)]
    id: String,
    name: String,
    description: String,
    price: f64,
    #[serde(default)]
    created_at: i64,
    #[serde(default)]
    updated_at: i64,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
}

struct Bucket {
    tokens: f64,
    last: Instant,
}

struct App {
    memory: RwLock<HashMap<String, Product>>,
    database: Vec<(tokio_postgres::Client, tokio_postgres::Statement, tokio_postgres::Statement)>,
    next: AtomicUsize,
    key: DecodingKey,
    validation: Validation,
    buckets: Mutex<HashMap<String, Bucket>>,
    histogram: HistogramVec,
}

impl App {
    async fn get(&self, id: &str) -> Option<Product> {
        if self.database.is_empty() {
            return self.memory.read().get(id).cloned();
        }
        let n = self.next.fetch_add(1, Ordering::Relaxed) % self.database.len();
        let (client, select, _) = &self.database[n];
        let row = client.query_opt(select, &[&id]).await.ok()??;
        Some(Product { id: row.get(0), name: row.get(1), description: row.get(2), price: row.get(3), created_at: row.get(4), updated_at: row.get(5) })
    }
    async fn create(&self, p: &Product) -> bool {
        if self.database.is_empty() {
            self.memory.write().insert(p.id.clone(), p.clone());
            return true;
        }
        let (client, _, insert) = &self.database[0];
        client.execute(insert, &[&p.id, &p.name, &p.description, &p.price, &p.created_at, &p.updated_at]).await.is_ok()
    }
    fn admit(&self, request: &Request<Body>) -> Result<(), u16> {
        let token = request.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer ")).ok_or(401u16)?;
        let claims = decode::<Claims>(token, &self.key, &self.validation).map_err(|_| 401u16)?.claims;
        let (rate, burst) = (1e9, 1e9);
        let mut buckets = self.buckets.lock();
        let now = Instant::now();
        let b = buckets.entry(claims.sub).or_insert(Bucket { tokens: burst, last: now });
        b.tokens = (b.tokens + now.duration_since(b.last).as_secs_f64() * rate).min(burst);
        b.last = now;
        if b.tokens < 1.0 {
            return Err(429);
        }
        b.tokens -= 1.0;
        Ok(())
    }
}

fn reply(status: u16, body: Vec<u8>) -> Response<Body> {
    Response::builder().status(status).header(header::CONTENT_TYPE, "application/json").body(Body::from(body)).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

async fn route(app: &App, request: Request<Body>) -> (&'static str, Response<Body>) {
    let path = request.uri().path().to_owned();
    if path == "/health" {
        return ("/health", reply(200, b"OK".to_vec()));
    }
    if path == "/metrics" {
        let mut out = vec![];
        TextEncoder::new().encode(&prometheus::gather(), &mut out).unwrap();
        return ("/metrics", reply(200, out));
    }
    if let Err(code) = app.admit(&request) {
        return ("/api", reply(code, vec![]));
    }
    if request.method() == Method::POST && path == "/api/v1/products" {
        let bytes = hyper::body::to_bytes(request.into_body()).await.unwrap_or_default();
        let Ok(mut p) = serde_json::from_slice::<Product>(&bytes) else { return ("/api/v1/products", reply(400, vec![])) };
        let mut b = [0u8; 16];
        rand::thread_rng().fill_bytes(&mut b);
        let h = hex(&b);
        p.id = format!("{}-{}-{}-{}-{}", &h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..]);
        p.created_at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
        p.updated_at = p.created_at;
        let ok = app.create(&p).await;
        return ("/api/v1/products", reply(if ok { 201 } else { 500 }, serde_json::to_vec(&p).unwrap()));
    }
    if let Some(id) = path.strip_prefix("/api/v1/products/") {
        return match app.get(id).await {
            Some(p) => ("/api/v1/products/{id}", reply(200, serde_json::to_vec(&p).unwrap())),
            None => ("/api/v1/products/{id}", reply(404, vec![])),
        };
    }
    ("unmatched", reply(404, vec![]))
}

async fn serve(app: Arc<App>, request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let start = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let mut random = [0u8; 24];
    rand::thread_rng().fill_bytes(&mut random);
    let trace = request.headers().get("traceparent").and_then(|v| v.to_str().ok()).filter(|v| v.len() == 55).map(|v| v[3..35].to_owned()).unwrap_or_else(|| hex(&random[..16]));
    let span = hex(&random[16..]);
    let (template, mut response) = route(&app, request).await;
    response.headers_mut().insert("traceparent", format!("00-{trace}-{span}-01").parse().unwrap());
    let elapsed = start.elapsed();
    app.histogram.with_label_values(&[method.as_str(), template, response.status().as_str()]).observe(elapsed.as_secs_f64());
    let line = format!("{{\"level\":\"info\",\"method\":\"{}\",\"path\":\"{}\",\"status\":{},\"trace_id\":\"{}\",\"span_id\":\"{}\",\"duration_ms\":{},\"message\":\"request\"}}\n",
        method, path, response.status().as_u16(), trace, span, elapsed.as_secs_f64() * 1e3);
    let _ = std::io::stderr().write_all(line.as_bytes());
    Ok(response)
}

#[tokio::main]
async fn main() {
    let secret = std::env::var("JWT_SECRET").unwrap_or("0123456789abcdef0123456789abcdef".into());
    let histogram = HistogramVec::new(HistogramOpts::new("http_request_duration_seconds", "Duration."), &["method", "route", "status"]).unwrap();
    prometheus::register(Box::new(histogram.clone())).unwrap();
    let mut database = vec![];
    if std::env::var("MODE").as_deref() == Ok("pg") {
        for _ in 0..16 {
            let (client, connection) = tokio_postgres::connect(&std::env::var("DATABASE_URL").unwrap(), tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute("create table if not exists rust_products(id text primary key,name text not null,description text not null,price float8 not null,created_at bigint not null,updated_at bigint not null)").await.unwrap();
            let select = client.prepare("select id,name,description,price,created_at,updated_at from rust_products where id=$1").await.unwrap();
            let insert = client.prepare("insert into rust_products values($1,$2,$3,$4,$5,$6)").await.unwrap();
            database.push((client, select, insert));
        }
    }
    let app = Arc::new(App { memory: Default::default(), database, next: AtomicUsize::new(0), key: DecodingKey::from_secret(secret.as_bytes()), validation: Validation::new(Algorithm::HS256), buckets: Default::default(), histogram });
    let address = std::env::var("ADDR").unwrap_or("127.0.0.1:8096".into()).parse().unwrap();
    let make = make_service_fn(move |_| {
        let app = app.clone();
        async move { Ok::<_, Infallible>(service_fn(move |r| serve(app.clone(), r))) }
    });
    Server::bind(&address).tcp_nodelay(true).serve(make).await.unwrap();
}
