using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Caliper.Fuzz;

/// <summary>
/// Calls public methods of all packages with whatever there is: values of every kind that is right or wrong, and whatever earlier calls gave.
/// A method may refuse them by a <see cref="CaliperException"/> or by naming the argument; anything else is a finding.
/// </summary>
internal sealed class MethodRun(int seed)
{
    private static readonly string[] Packages = ["Caliper.Runtime", "Caliper", "Caliper.Torch", "Caliper.Imaging", "Caliper.Text"];

    // Elements of a sequence that are looked at.
    private const int Looked = 3;

    private readonly Random _random = new(seed);
    private readonly MethodValues _values = new(new Random(seed + 1));
    private readonly SortedDictionary<string, (int Count, string Example)> _findings = new(StringComparer.Ordinal);

    /// <summary>Makes calls and returns how many kinds of findings there were.</summary>
    public int Run(int count)
    {
        var folder = Directory.CreateTempSubdirectory("caliper-methods");
        Directory.SetCurrentDirectory(folder.FullName);
        try
        {
            var methods = Packages.SelectMany(p => System.Reflection.Assembly.Load(p).GetExportedTypes()).SelectMany(CallsOf).ToArray();
            var (made, answered) = (0, 0);
            for (var i = 0; i < count; i++)
                if (Try(methods[_random.Next(methods.Length)]) is { } isAnswered) (made, answered) = (made + 1, answered + (isAnswered ? 1 : 0));
            foreach (var (key, (times, example)) in _findings) Console.WriteLine($"{times,5} × {key}   {example}");
            Console.WriteLine($"{made} calls of {methods.Length} methods, {answered} answered; {_findings.Count} kinds of findings");
            return _findings.Count;
        }
        finally
        {
            Directory.SetCurrentDirectory(Path.GetTempPath());
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<MethodBase> CallsOf(Type type)
    {
        if (type.IsGenericTypeDefinition || typeof(Delegate).IsAssignableFrom(type) || type.IsEnum) return [];
        const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var methods = type.GetMethods(Public).Select(m => m.IsGenericMethodDefinition ? Closed(m) : m).OfType<MethodBase>();
        // What a constructor leaves to the compiler to ask for is not there.
        var isMade = !type.IsAbstract && !type.IsDefined(typeof(RequiredMemberAttribute));
        return methods.Concat(isMade ? type.GetConstructors() : [])
            .Where(m => m.GetParameters().All(p => !p.ParameterType.IsByRefLike && !p.ParameterType.IsPointer)
                && (m as MethodInfo)?.ReturnType is not { IsByRefLike: true } && m.Name != "<Clone>$");
    }

    private static MethodInfo? Closed(MethodInfo method)
    {
        try
        {
            return method.MakeGenericMethod([.. method.GetGenericArguments().Select(_ => typeof(float))]);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>One call: whether it was answered; null where there is nothing to call it with.</summary>
    private bool? Try(MethodBase method)
    {
        object? instance = null;
        if (method is MethodInfo { IsStatic: false } && (instance = _values.Instance(method.DeclaringType!)) is null) return null;
        if (IsInit(method))
        {
            // Only what is being made can be given such a value: a record's copy.
            if (method.DeclaringType!.GetMethod("<Clone>$") is not { } clone) return null;
            instance = clone.Invoke(instance, null);
        }
        var parameters = method.GetParameters();
        var arguments = new object?[parameters.Length];
        for (var i = 0; i < arguments.Length; i++)
            if (!_values.TryGet(parameters[i], out arguments[i])) return null;
        try
        {
            Look(method is ConstructorInfo constructor ? constructor.Invoke(arguments) : method.Invoke(instance, arguments));
            if (IsInit(method)) Look(instance);
            return true;
        }
        catch (Exception error)
        {
            var inner = error is TargetInvocationException { InnerException: { } cause } ? cause : error;
            if (IsRight(inner)) return false;
            var finding = Finding.Of(inner);
            var key = $"{finding.Kind} at {finding.Place}";
            var told = $"{method.DeclaringType!.Name}.{method.Name}({string.Join(", ", arguments.Select(Text))}): {finding.Message}";
            _findings[key] = _findings.TryGetValue(key, out var known) ? known with { Count = known.Count + 1 } : (1, told);
            return false;
        }
    }

    private static bool IsInit(MethodBase method) => method is MethodInfo { ReturnParameter: var result }
        && result.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private void Look(object? result)
    {
        if (result is null || MethodValues.IsDefault(result)) return;
        if (result is Task task) task.GetAwaiter().GetResult();
        _values.Add(result);
        if (result is not IEnumerable sequence || result is string) return;
        foreach (var element in sequence.Cast<object?>().Take(Looked)) if (element is not null) _values.Add(element);
    }

    // What a caller can tell from a defect: one sentence of ours, which argument is wrong, or that its own numbers add up to too much.
    private static bool IsRight(Exception error) => error is CaliperException or ArgumentException or ObjectDisposedException or OverflowException
        or OperationCanceledException or NotSupportedException or IOException or UnauthorizedAccessException;

    private static string Text(object? argument)
    {
        if (argument is null) return "null";
        try
        {
            var text = argument.ToString() ?? "";
            return $"{argument.GetType().Name} {(text.Length > 40 ? text[..40] : text).ReplaceLineEndings(" ")}";
        }
        catch (Exception)
        {
            return argument.GetType().Name;
        }
    }
}
