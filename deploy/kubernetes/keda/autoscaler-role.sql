-- The role of KEDA's postgresql scaler: it reads how many processes the desk wants, and nothing else. Run it once as the owner of the database.
CREATE ROLE desk_autoscaler LOGIN PASSWORD :'password' CONNECTION LIMIT 10;
ALTER ROLE desk_autoscaler SET default_transaction_read_only = on;
ALTER ROLE desk_autoscaler SET statement_timeout = '5s';
GRANT USAGE ON SCHEMA desk TO desk_autoscaler;
GRANT SELECT (service, wanted) ON desk.capacity TO desk_autoscaler;
