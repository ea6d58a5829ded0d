using System.Reflection;
using System.Runtime.Loader;

namespace Caliper.Benchmarks;

/// <summary>The libraries of another build, apart from our own: several builds live in one process and take turns.</summary>
internal sealed class OtherBuild(string tool) : AssemblyLoadContext
{
    private readonly AssemblyDependencyResolver _resolver = new(Path.GetFullPath(tool));

    /// <summary>One of the libraries that lie beside the tool.</summary>
    public System.Reflection.Assembly Library(string name) =>
        LoadFromAssemblyPath(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(tool))!, name + ".dll"));

    protected override System.Reflection.Assembly? Load(AssemblyName name) =>
        _resolver.ResolveAssemblyToPath(name) is { } path ? LoadFromAssemblyPath(path) : null;

    protected override nint LoadUnmanagedDll(string name) =>
        _resolver.ResolveUnmanagedDllToPath(name) is { } path ? LoadUnmanagedDllFromPath(path) : 0;
}
