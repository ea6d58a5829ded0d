namespace Caliper.Torch.Modules;

/// <summary>The paths of all modules and parameters of a network, such as <c>layer1.0.conv1.weight</c>.</summary>
internal sealed class ModuleTree
{
    private readonly Dictionary<Module, string> _paths = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Parameter, string> _names = [];

    private readonly HashSet<Module> _open = new(ReferenceEqualityComparer.Instance);

    /// <exception cref="CaliperException">A module contains itself, or two parameters have the same path.</exception>
    public ModuleTree(Module root) => Add(root, "");

    /// <summary>All parameters by path, in order of declaration. One of a shared module has two paths, as in PyTorch.</summary>
    public OrderedDictionary<string, Parameter> Parameters { get; } = new(StringComparer.Ordinal);

    /// <summary>The first path of a module, or null where it is not part of the network.</summary>
    public string? PathOf(Module module) => _paths.GetValueOrDefault(module);

    /// <summary>The first path of a parameter, or null where it is not part of the network.</summary>
    public string? NameOf(Parameter parameter) => _names.GetValueOrDefault(parameter);

    /// <summary>A name inside a scope; the outermost scope is empty.</summary>
    public static string Join(string scope, string name) => scope.Length == 0 ? name : $"{scope}.{name}";

    private void Add(Module module, string path)
    {
        if (!_open.Add(module)) throw new CaliperException($"The module '{path}' ({module.GetType().Name}) contains itself.");
        _paths.TryAdd(module, path);
        foreach (var (name, member) in module.Members())
        {
            var memberPath = Join(path, name);
            if (member is Module child) Add(child, memberPath);
            else AddParameter((Parameter)member, memberPath);
        }
        _open.Remove(module);
    }

    private void AddParameter(Parameter parameter, string path)
    {
        if (!Parameters.TryAdd(path, parameter)) throw new CaliperException($"The network has two parameters named '{path}'.");
        _names.TryAdd(parameter, path);
    }
}
