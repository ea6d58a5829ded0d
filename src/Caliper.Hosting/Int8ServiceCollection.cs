using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Caliper.Hosting;

/// <summary>Registers a service: <c>services.AddInt8Service("model.int8.onnx")</c>.</summary>
public static class Int8ServiceCollection
{
    /// <summary>Adds an <see cref="Int8Service"/>, one for all, loaded when it is first asked for, with the container's loggers and meters.</summary>
    /// <param name="services">Where.</param>
    /// <param name="path">The int8 ONNX file.</param>
    /// <param name="options">How it answers; null for the defaults.</param>
    public static IServiceCollection AddInt8Service(this IServiceCollection services, string path, Int8ServiceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(path);
        return services.AddSingleton(provider => Int8Service.Load(path, options, provider.GetService<ILogger<Int8Service>>(),
            provider.GetService<IMeterFactory>()));
    }

    /// <summary>The same by a key, for apps of several networks.</summary>
    /// <param name="services">Where.</param>
    /// <param name="key">By which it is asked for.</param>
    /// <param name="path">The int8 ONNX file.</param>
    /// <param name="options">How it answers; null for the defaults.</param>
    public static IServiceCollection AddKeyedInt8Service(this IServiceCollection services, object key, string path,
        Int8ServiceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(path);
        return services.AddKeyedSingleton(key, (provider, _) => Int8Service.Load(path, options, provider.GetService<ILogger<Int8Service>>(),
            provider.GetService<IMeterFactory>()));
    }
}
