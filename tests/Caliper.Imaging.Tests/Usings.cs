global using Caliper.Testing;
