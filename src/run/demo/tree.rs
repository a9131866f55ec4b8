tree! {
    "web/src/counter.js",
}
