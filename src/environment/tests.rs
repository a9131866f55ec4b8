use super::*;

fn usual() -> Environments {
    Environments::default()
}

#[test]
fn hosts_say_it_in_whole_words() {
    for (host, environment) in [
        ("orders-prod.azurewebsites.net", Some("prod")),
        ("orders-production.azurewebsites.net", Some("prod")),
        ("ORDERS-PROD.azurewebsites.net:443", Some("prod")),
        ("orders-prd-001.azurewebsites.net", Some("prod")),
        ("orders-prod.scm.azurewebsites.net", Some("prod")),
        (
            "orders-prod-a1b2c3d4e5f6a7b8.westeurope-01.azurewebsites.net",
            Some("prod"),
        ),
        ("orders-staging.azurewebsites.net", Some("staging")),
        ("orders-prod-staging.azurewebsites.net", Some("staging")),
        ("orders-uat.azurewebsites.us", Some("staging")),
        ("orders-pre-prod.azurewebsites.net", Some("staging")),
        ("orders-preprod.azurewebsites.net", Some("staging")),
        ("func-orders-dev01.azurewebsites.net", Some("dev")),
        ("orders-qa.azurewebsites.net", Some("test")),
        ("orders-test.azurewebsites.net", Some("test")),
        ("api.staging.contoso.com", Some("staging")),
        ("staging.contoso.com", Some("staging")),
        ("contoso-staging.com", Some("staging")),
        ("contoso-prod.azure-api.net", Some("prod")),
        ("ordersprod.azurewebsites.net", None),
        ("orders-non-prod.azurewebsites.net", None),
        ("orders-products.azurewebsites.net", None),
        ("live-chat.azurewebsites.net", None),
        ("devops-portal.azurewebsites.net", None),
        ("orders.azurewebsites.net", None),
        ("contoso.dev", None),
        ("functions.test", None),
        ("a.example.test", None),
        ("dev.azure.com", None),
        ("localhost:7071", None),
    ] {
        assert_eq!(usual().of_host(host).as_deref(), environment, "{host}");
    }
}

#[test]
fn configuration_files_say_it() {
    for (path, environment) in [
        ("appsettings.Staging.json", Some("staging")),
        ("src/api/appsettings.Production.json", Some("prod")),
        ("src/api/appsettings.Test.json", Some("test")),
        ("appsettings.json", None),
        (".env.production", Some("prod")),
        (".env.production.local", Some("prod")),
        (".env.test", Some("test")),
        (".env", None),
        ("prod.env", Some("prod")),
        ("prod.tfvars", Some("prod")),
        ("test.tfvars", Some("test")),
        ("infra/main.dev.bicepparam", Some("dev")),
        ("chart/values-prod.yaml", Some("prod")),
        ("chart/values.pre-prod.yaml", Some("staging")),
        ("azuredeploy.parameters.qa.json", Some("test")),
        ("src/environments/environment.prod.ts", Some("prod")),
        ("config/production.js", None),
        ("config/config.production.js", Some("prod")),
        ("docker-compose.stage.yml", Some("staging")),
        ("web.Production.config", Some("prod")),
        ("local.settings.prod.json", Some("prod")),
        (".github/workflows/deploy-prod.yml", Some("prod")),
        (".github/workflows/test.yml", None),
        ("pipelines/multi-stage.yml", None),
        ("orders.test.json", None),
        ("test.json", None),
        ("src/orders.test.js", None),
        ("src/prod.cs", None),
        ("dev.md", None),
        ("products.json", None),
    ] {
        assert_eq!(usual().of_path(path).as_deref(), environment, "{path}");
    }
}

#[test]
fn environment_folders_say_it() {
    for (path, environment) in [
        ("environments/prod/main.tf", Some("prod")),
        ("infra/environments/staging/orders/main.tf", Some("staging")),
        ("envs/test/values.yaml", Some("test")),
        ("env/prod-westeurope/a.txt", Some("prod")),
        ("deploy/prod/run.sh", Some("prod")),
        ("deploy/orders/prod/run.sh", Some("prod")),
        ("k8s/overlays/uat/kustomization.yaml", Some("staging")),
        ("terraform/dev/main.tf", Some("dev")),
        ("config/environments/test.rb", Some("test")),
        ("environments/prod/values-dev.yaml", Some("dev")),
        ("deploy/dev-tools/run.sh", None),
        ("deploy/orders/test/run.sh", None),
        ("terraform/test/unit.go", None),
        ("src/test/orders.js", None),
        ("src/prod/orders.js", None),
        ("tests/staging/orders.js", None),
        ("live-chat/index.js", None),
        ("environments/readme.md", None),
        ("prod/main.tf", None),
        ("env/lib/python3/site.py", None),
    ] {
        assert_eq!(usual().of_path(path).as_deref(), environment, "{path}");
    }
}

#[test]
fn every_other_slot_is_its_own() {
    for (app, slot, environment) in [
        ("orders-prod", None, Some("prod")),
        ("orders", None, None),
        ("ordersprod", None, None),
        ("orders", Some("production"), Some("prod")),
        ("orders-dev", Some("Production"), Some("dev")),
        ("orders", Some("staging"), Some("staging")),
        ("orders-prod", Some("uat"), Some("staging")),
        ("orders-prod", Some("Blue"), Some("blue")),
    ] {
        assert_eq!(
            usual().of_app(app, slot).as_deref(),
            environment,
            "{app} {slot:?}"
        );
    }
}

fn of_policy() -> Environments {
    let mut environments = Environments::default();
    for (name, glob) in [
        ("production", "live/**"),
        ("production", "*-live"),
        ("production", "blue"),
        ("uat", "*-acceptance"),
        ("staging", "*.stage.contoso.com"),
    ] {
        let over_paths = glob.contains('/');
        let compiled = if over_paths {
            Glob::path(glob).ok()
        } else {
            Glob::name(glob).ok()
        };
        environments.add_glob(name, compiled.unwrap(), over_paths);
    }
    environments.add_app("Contoso", "production");
    environments.add_files(Glob::path("shop").ok().unwrap(), "production");
    environments
}

#[test]
fn the_policy_speaks_first() {
    let environments = of_policy();
    let of_path = |path| environments.of_path(path);
    let of_host = |host| environments.of_host(host);
    assert_eq!(of_path("live/dev.tfvars").as_deref(), Some("production"));
    assert_eq!(of_path("shop/index.js").as_deref(), Some("production"));
    assert_eq!(of_path("src/blue/index.js"), None, "a name is no directory");
    assert_eq!(
        of_host("orders-live.azurewebsites.net").as_deref(),
        Some("production")
    );
    assert_eq!(of_host("a.stage.contoso.com").as_deref(), Some("staging"));
    assert_eq!(
        of_host("contoso.azurewebsites.net").as_deref(),
        Some("production")
    );
    assert_eq!(
        environments.of_app("contoso", None).as_deref(),
        Some("production")
    );
    assert_eq!(
        environments.of_app("x", Some("Blue")).as_deref(),
        Some("production")
    );
    assert_eq!(
        environments.of_app("x-acceptance", None).as_deref(),
        Some("uat")
    );
}

#[test]
fn usual_spellings_take_the_policys_names() {
    let environments = of_policy();
    assert_eq!(
        environments.of_path("prod.tfvars").as_deref(),
        Some("production")
    );
    assert_eq!(environments.of_path("uat.tfvars").as_deref(), Some("uat"));
    assert_eq!(
        environments.of_path("stage.tfvars").as_deref(),
        Some("staging")
    );
    assert_eq!(environments.of_path("dev.tfvars").as_deref(), Some("dev"));
}
