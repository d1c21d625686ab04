-- A package of xmake's; it builds the tree that it lies in. In a project:
--   includes("<signet>/packaging/xmake")
--   add_requires("signet", {configs = {sqlite = true}})
--   target("program") add_packages("signet")
package("signet")
    set_description("JSON Web Tokens, device-bound keys, sessions and cookies for C++20")
    set_license("BSL-1.0")
    set_sourcedir(path.join(os.scriptdir(), "..", ".."))
    add_versions("0.1.0", "")

    add_configs("sqlite", {description = "Build signet::sqlite, the store on SQLite.", default = false, type = "boolean"})
    add_configs("redis", {description = "Build signet::redis, the store on Redis.", default = false, type = "boolean"})
    add_configs("postgres", {description = "Build signet::postgres, the store in PostgreSQL.", default = false, type = "boolean"})
    add_configs("openssl", {description = "Build signet::openssl, keys in OpenSSL 3.", default = false, type = "boolean"})

    add_deps("cmake")
    add_deps("botan 3.x")
    add_deps("boost", {configs = {json = true, container = true}})
    add_defines("SIGNET_SEPARATE_COMPILATION", "SIGNET_BOTAN_MAJOR=3")

    on_load(function (package)
        if package:config("sqlite") then
            package:add("deps", "sqlite3")
            package:add("links", "signet_sqlite")
        end
        if package:config("redis") then
            package:add("deps", "hiredis")
            package:add("links", "signet_redis")
        end
        if package:config("postgres") then
            package:add("deps", "libpq")
            package:add("links", "signet_postgres")
        end
        if package:config("openssl") then
            package:add("deps", "openssl3")
            package:add("links", "signet_openssl")
        end
        package:add("links", "signet")
    end)

    on_install(function (package)
        local configs = {"-DSIGNET_INSTALL=ON", "-DSIGNET_BOTAN=3"}
        table.insert(configs, "-DCMAKE_BUILD_TYPE=" .. (package:is_debug() and "Debug" or "Release"))
        table.insert(configs, "-DBUILD_SHARED_LIBS=" .. (package:config("shared") and "ON" or "OFF"))
        table.insert(configs, "-DSIGNET_SQLITE=" .. (package:config("sqlite") and "ON" or "OFF"))
        table.insert(configs, "-DSIGNET_REDIS=" .. (package:config("redis") and "ON" or "OFF"))
        table.insert(configs, "-DSIGNET_POSTGRES=" .. (package:config("postgres") and "ON" or "OFF"))
        table.insert(configs, "-DSIGNET_OPENSSL=" .. (package:config("openssl") and "ON" or "OFF"))
        import("package.tools.cmake").install(package, configs)
    end)

    on_test(function (package)
        assert(package:check_cxxsnippets({test = [[
            #include <signet/jwt.hpp>
            void test() { (void)signet::local_key<signet::es256>::generate(); }
        ]]}, {configs = {languages = "c++20"}}))
    end)
