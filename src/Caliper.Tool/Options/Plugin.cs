using System.Reflection;
using Caliper.Observers;
using Caliper.Ranges;

namespace Caliper.Tool.Options;

/// <summary>
/// An assembly of the user's, whose observers and range methods the command line and the qconfig file may name. It is code and runs with the
/// user's rights: only the command line names one, and nothing that a file contains can.
/// </summary>
internal static class Plugin
{
    /// <summary>Registers what the assembly holds: every public class that derives from <see cref="ObserverSpec"/> or
    /// <see cref="RangeMethod"/> and has a constructor without parameters.</summary>
    /// <exception cref="CaliperException">There is no such file, it is no assembly for this version, or it holds neither.</exception>
    public static void Load(string path)
    {
        if (!File.Exists(path)) throw new CaliperException($"There is no plugin '{path}'.");
        try
        {
            var types = System.Reflection.Assembly.LoadFrom(Path.GetFullPath(path)).GetExportedTypes()
                .Where(t => !t.IsAbstract && !t.ContainsGenericParameters && t.GetConstructor(Type.EmptyTypes) is not null).ToArray();
            var observers = types.Where(t => t.IsAssignableTo(typeof(ObserverSpec))).ToArray();
            var methods = types.Where(t => t.IsAssignableTo(typeof(RangeMethod))).ToArray();
            if (observers.Length + methods.Length == 0)
                throw new CaliperException($"The plugin '{path}' holds no public ObserverSpec and no public RangeMethod.");
            foreach (var type in observers) ObserverSpec.Register((ObserverSpec)Activator.CreateInstance(type)!);
            foreach (var type in methods) RangeMethod.Register((RangeMethod)Activator.CreateInstance(type)!);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or BadImageFormatException or TypeLoadException
            or ArgumentException or NotSupportedException or MissingMemberException or TargetInvocationException)
        {
            var cause = error is TargetInvocationException { InnerException: { } inner } ? inner : error;
            throw new CaliperException($"The plugin '{path}' cannot be loaded: {cause.Message.TrimEnd()}", error);
        }
    }
}
