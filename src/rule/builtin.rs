//! The rules that are built in: the files of `rules/`, in this one list.

/// File name and text.
pub(super) const BUILTIN: &[(&str, &str)] = &[
    ("KS1001.toml", include_str!("../../rules/KS1001.toml")),
    ("KS1002.toml", include_str!("../../rules/KS1002.toml")),
    ("KS1003.toml", include_str!("../../rules/KS1003.toml")),
    ("KS1004.toml", include_str!("../../rules/KS1004.toml")),
    ("KS1005.toml", include_str!("../../rules/KS1005.toml")),
    ("KS1006.toml", include_str!("../../rules/KS1006.toml")),
    ("KS1007.toml", include_str!("../../rules/KS1007.toml")),
    ("KS1008.toml", include_str!("../../rules/KS1008.toml")),
    ("KS1009.toml", include_str!("../../rules/KS1009.toml")),
    ("KS1010.toml", include_str!("../../rules/KS1010.toml")),
    ("KS1101.toml", include_str!("../../rules/KS1101.toml")),
    ("KS1102.toml", include_str!("../../rules/KS1102.toml")),
    ("KS3001.toml", include_str!("../../rules/KS3001.toml")),
    ("KS3002.toml", include_str!("../../rules/KS3002.toml")),
    ("KS3003.toml", include_str!("../../rules/KS3003.toml")),
    ("KS3004.toml", include_str!("../../rules/KS3004.toml")),
    ("KS3005.toml", include_str!("../../rules/KS3005.toml")),
    ("KS3006.toml", include_str!("../../rules/KS3006.toml")),
    ("KS3007.toml", include_str!("../../rules/KS3007.toml")),
    ("KS3008.toml", include_str!("../../rules/KS3008.toml")),
    ("KS9001.toml", include_str!("../../rules/KS9001.toml")),
    ("KS9002.toml", include_str!("../../rules/KS9002.toml")),
    ("KS9003.toml", include_str!("../../rules/KS9003.toml")),
    ("KS9004.toml", include_str!("../../rules/KS9004.toml")),
];
