// SPDX-License-Identifier: Apache-2.0

// A Go peer for side-by-side measurements: the product service as a Go team would write it from
// the same design (gorilla/mux, zerolog, rs/cors, golang-jwt, x/time/rate, client_golang, redigo, pgx).
//
//	MODE=seed   in-memory store, presence-only auth, two log lines a request (the usual shape)
//	MODE=full   PostgreSQL (DATABASE_URL) behind a Redis cache (REDIS_ADDR), JWT HS256, token bucket,
//	            Prometheus histogram, traceparent propagation, one log line a request
//	MODE=mem    as full, with the in-memory store and no cache
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	jwt "github.com/golang-jwt/jwt"
	"github.com/gomodule/redigo/redis"
	"github.com/google/uuid"
	"github.com/gorilla/mux"
	"github.com/jackc/pgx/v4/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/cors"
	"github.com/rs/zerolog"
	"golang.org/x/time/rate"
)

type Product struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Description string  `json:"description"`
	Price       float64 `json:"price"`
	CreatedAt   int64   `json:"created_at"`
	UpdatedAt   int64   `json:"updated_at"`
}

var errNotFound = errors.New("product not found")

type Repo interface {
	Create(context.Context, *Product) error
	Get(context.Context, string) (*Product, error)
	List(context.Context, int, int) ([]*Product, error)
	SetPrice(context.Context, string, float64) (*Product, error)
}

type memRepo struct {
	mu sync.RWMutex
	m  map[string]*Product
	k  []string
}

func (r *memRepo) Create(_ context.Context, p *Product) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.m[p.ID] = p
	r.k = append(r.k, p.ID)
	return nil
}
func (r *memRepo) Get(_ context.Context, id string) (*Product, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	p, ok := r.m[id]
	if !ok {
		return nil, errNotFound
	}
	c := *p
	return &c, nil
}
func (r *memRepo) List(_ context.Context, limit, offset int) ([]*Product, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := []*Product{}
	for i := offset; i < len(r.k) && len(out) < limit; i++ {
		c := *r.m[r.k[i]]
		out = append(out, &c)
	}
	return out, nil
}

func (r *memRepo) SetPrice(_ context.Context, id string, price float64) (*Product, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p, ok := r.m[id]
	if !ok {
		return nil, errNotFound
	}
	c := *p
	c.Price = price
	c.UpdatedAt = time.Now().Unix()
	r.m[id] = &c
	return &c, nil
}

type pgRepo struct{ pool *pgxpool.Pool }

func (r *pgRepo) Create(ctx context.Context, p *Product) error {
	_, err := r.pool.Exec(ctx, "insert into peer_products(id,name,description,price,created_at,updated_at) values($1,$2,$3,$4,$5,$6)", p.ID, p.Name, p.Description, p.Price, p.CreatedAt, p.UpdatedAt)
	return err
}
func (r *pgRepo) Get(ctx context.Context, id string) (*Product, error) {
	p := &Product{}
	err := r.pool.QueryRow(ctx, "select id::text,name,description,price::float8,created_at,updated_at from peer_products where id=$1", id).Scan(&p.ID, &p.Name, &p.Description, &p.Price, &p.CreatedAt, &p.UpdatedAt)
	if err != nil {
		return nil, errNotFound
	}
	return p, nil
}
func (r *pgRepo) List(ctx context.Context, limit, offset int) ([]*Product, error) {
	rows, err := r.pool.Query(ctx, "select id::text,name,description,price::float8,created_at,updated_at from peer_products order by created_at desc, id desc limit $1 offset $2", limit, offset)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []*Product{}
	for rows.Next() {
		p := &Product{}
		if err := rows.Scan(&p.ID, &p.Name, &p.Description, &p.Price, &p.CreatedAt, &p.UpdatedAt); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

func (r *pgRepo) SetPrice(ctx context.Context, id string, price float64) (*Product, error) {
	p := &Product{}
	err := r.pool.QueryRow(ctx, "update peer_products set price=$2,updated_at=$3 where id=$1 returning id::text,name,description,price::float8,created_at,updated_at", id, price, time.Now().Unix()).Scan(&p.ID, &p.Name, &p.Description, &p.Price, &p.CreatedAt, &p.UpdatedAt)
	if err != nil {
		return nil, errNotFound
	}
	return p, nil
}

// cacheRepo is the usual cache-aside decorator.
type cacheRepo struct {
	Repo
	pool *redis.Pool
}

func (r *cacheRepo) Get(ctx context.Context, id string) (*Product, error) {
	c := r.pool.Get()
	defer c.Close()
	if b, err := redis.Bytes(c.Do("GET", "product:"+id)); err == nil {
		p := &Product{}
		if json.Unmarshal(b, p) == nil {
			return p, nil
		}
	}
	p, err := r.Repo.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	b, _ := json.Marshal(p)
	c.Do("SET", "product:"+id, b, "EX", 300)
	return p, nil
}

func (r *cacheRepo) SetPrice(ctx context.Context, id string, price float64) (*Product, error) {
	p, err := r.Repo.SetPrice(ctx, id, price)
	if err != nil {
		return nil, err
	}
	c := r.pool.Get()
	defer c.Close()
	c.Do("DEL", "product:"+id)
	return p, nil
}

var (
	secret   = []byte(getenv("JWT_SECRET", "0123456789abcdef0123456789abcdef"))
	limiters sync.Map
	hist     = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "http_request_duration_seconds", Buckets: []float64{.005, .01, .025, .05, .075, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10}}, []string{"method", "route", "status"})
)

func getenv(k, d string) string {
	if v := os.Getenv(k); v != "" {
		return v
	}
	return d
}

type statusWriter struct {
	http.ResponseWriter
	code int
}

func (w *statusWriter) WriteHeader(c int) { w.code = c; w.ResponseWriter.WriteHeader(c) }

func auth(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := r.Header.Get("Authorization")
		if !strings.HasPrefix(h, "Bearer ") {
			http.Error(w, "Unauthorized", 401)
			return
		}
		claims := jwt.StandardClaims{}
		p := jwt.Parser{ValidMethods: []string{"HS256"}}
		if _, err := p.ParseWithClaims(h[7:], &claims, func(*jwt.Token) (interface{}, error) { return secret, nil }); err != nil {
			http.Error(w, "Unauthorized", 401)
			return
		}
		l, ok := limiters.Load(claims.Subject)
		if !ok {
			l, _ = limiters.LoadOrStore(claims.Subject, rate.NewLimiter(1e9, 1e9))
		}
		if !l.(*rate.Limiter).Allow() {
			http.Error(w, "Too Many Requests", 429)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func presenceAuth(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			http.Error(w, "Unauthorized", 401)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func main() {
	mode := getenv("MODE", "full")
	var out io.Writer = os.Stderr
	log := zerolog.New(out).With().Timestamp().Logger()
	var repo Repo = &memRepo{m: map[string]*Product{}}
	if mode == "full" {
		cfg, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
		if err != nil {
			log.Fatal().Err(err).Msg("config")
		}
		cfg.MaxConns = 16
		pool, err := pgxpool.ConnectConfig(context.Background(), cfg)
		if err != nil {
			log.Fatal().Err(err).Msg("postgres")
		}
		if _, err = pool.Exec(context.Background(), "create table if not exists peer_products(id uuid primary key,name text not null,description text not null,price numeric(12,2) not null,created_at bigint not null,updated_at bigint not null)"); err != nil {
			log.Fatal().Err(err).Msg("schema")
		}
		repo = &pgRepo{pool}
		if a := os.Getenv("REDIS_ADDR"); a != "" {
			rp := &redis.Pool{MaxIdle: 64, MaxActive: 64, Wait: true, Dial: func() (redis.Conn, error) { return redis.Dial("tcp", a) }}
			repo = &cacheRepo{repo, rp}
		}
	}
	prometheus.MustRegister(hist)
	router := mux.NewRouter()
	router.HandleFunc("/health", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("OK")) }).Methods("GET")
	router.Handle("/metrics", promhttp.Handler())
	api := router.PathPrefix("/api/v1").Subrouter()
	write := func(w http.ResponseWriter, code int, v interface{}) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		json.NewEncoder(w).Encode(v)
	}
	api.HandleFunc("/products", func(w http.ResponseWriter, r *http.Request) {
		p := &Product{}
		if err := json.NewDecoder(r.Body).Decode(p); err != nil || p.Name == "" || p.Price <= 0 {
			http.Error(w, "invalid", 400)
			return
		}
		p.ID = uuid.New().String()
		p.CreatedAt = time.Now().Unix()
		p.UpdatedAt = p.CreatedAt
		if err := repo.Create(r.Context(), p); err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		write(w, 201, p)
	}).Methods("POST")
	api.HandleFunc("/products", func(w http.ResponseWriter, r *http.Request) {
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		if limit <= 0 || limit > 100 {
			limit = 20
		}
		ps, err := repo.List(r.Context(), limit, offset)
		if err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		write(w, 200, map[string]interface{}{"products": ps, "limit": limit, "offset": offset})
	}).Methods("GET")
	api.HandleFunc("/products/{id}", func(w http.ResponseWriter, r *http.Request) {
		p, err := repo.Get(r.Context(), mux.Vars(r)["id"])
		if err != nil {
			http.Error(w, "Product not found", 404)
			return
		}
		write(w, 200, p)
	}).Methods("GET")
	api.HandleFunc("/products/{id}", func(w http.ResponseWriter, r *http.Request) {
		in := &Product{}
		if err := json.NewDecoder(r.Body).Decode(in); err != nil || in.Price <= 0 {
			http.Error(w, "invalid", 400)
			return
		}
		p, err := repo.SetPrice(r.Context(), mux.Vars(r)["id"], in.Price)
		if err != nil {
			http.Error(w, "Product not found", 404)
			return
		}
		write(w, 200, p)
	}).Methods("PUT")
	if mode == "seed" {
		api.Use(presenceAuth)
	} else {
		api.Use(auth)
	}
	observe := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start := time.Now()
			if mode == "seed" {
				log.Info().Str("method", r.Method).Str("path", r.URL.Path).Str("remote_addr", r.RemoteAddr).Msg("Request started")
				next.ServeHTTP(w, r)
				log.Info().Str("method", r.Method).Str("path", r.URL.Path).Dur("duration", time.Since(start)).Msg("Request completed")
				return
			}
			tp := strings.Split(r.Header.Get("traceparent"), "-")
			trace := ""
			if len(tp) == 4 && len(tp[1]) == 32 {
				trace = tp[1]
			} else {
				var b [16]byte
				rand.Read(b[:])
				trace = hex.EncodeToString(b[:])
			}
			var s [8]byte
			rand.Read(s[:])
			span := hex.EncodeToString(s[:])
			w.Header().Set("traceparent", "00-"+trace+"-"+span+"-01")
			sw := &statusWriter{w, 200}
			var match mux.RouteMatch
			route := "unmatched"
			if router.Match(r, &match) && match.Route != nil {
				route, _ = match.Route.GetPathTemplate()
			}
			next.ServeHTTP(sw, r)
			d := time.Since(start)
			hist.WithLabelValues(r.Method, route, strconv.Itoa(sw.code)).Observe(d.Seconds())
			log.Info().Str("method", r.Method).Str("path", r.URL.Path).Int("status", sw.code).Str("trace_id", trace).Str("span_id", span).Dur("duration", d).Msg("request")
		})
	}
	h := cors.New(cors.Options{AllowedOrigins: []string{"*"}, AllowedMethods: []string{"GET", "POST", "PUT", "DELETE", "OPTIONS"}, AllowedHeaders: []string{"*"}}).Handler(observe(router))
	srv := &http.Server{Addr: getenv("ADDR", "127.0.0.1:8095"), Handler: h, ReadTimeout: 15 * time.Second, WriteTimeout: 15 * time.Second, IdleTimeout: 60 * time.Second}
	log.Info().Str("addr", srv.Addr).Str("mode", mode).Msg("starting")
	log.Fatal().Err(srv.ListenAndServe()).Msg("exit")
}
