"""DynamoDB served by moto: what it accepts, answers and does beyond what moto does."""
