-- The two roles of Permanence on a server of your own. Change both passwords, then put them in DATABASE_OWNER_URL and DATABASE_URL.
create role permanence_owner login password 'change-me-owner';
create role permanence_app login password 'change-me-app' nosuperuser nobypassrls nocreatedb nocreaterole;
create database permanence owner permanence_owner encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8' template template0;
\connect permanence permanence_owner
alter default privileges in schema public grant select, insert, update, delete on tables to permanence_app;
alter default privileges in schema public grant usage, select on sequences to permanence_app;
